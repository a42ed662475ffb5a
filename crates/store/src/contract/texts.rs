//! What people and models write comes back as it was.

use tidewire_domain::{ConversationPatch, MessageId, NewConversation, Part};

use super::scene::{Subject, alice, at, finish, idempotent};

/// NUL characters, all planes of Unicode and every control character survive.
pub async fn any_text_comes_back(subject: &Subject) {
    let controls: String = (0..=0x9f_u8).map(char::from).collect();
    for text in [
        "\0",
        "a\0b\0",
        "",
        " \t\n",
        "'\"\\;--%_",
        "e\u{301} vs é, \u{202e}rtl\u{202c}, \u{feff}bom, \u{fffd}\u{ffff}\u{10ffff}",
        "👩‍👩‍👧‍👦 العربية 中文 ไทย",
        controls.as_str(),
    ] {
        let new = NewConversation {
            title: Some(text.into()),
            model: Some(text.into()),
            system: None,
        };
        let made = subject
            .store
            .create_conversation(&alice(), new, at(0))
            .await
            .unwrap();
        assert_eq!(
            (made.title.as_deref(), made.model.as_deref()),
            (Some(text), Some(text))
        );
        let patch = ConversationPatch {
            system: Some(format!("{text}.")),
            ..ConversationPatch::default()
        };
        let made = subject
            .store
            .update_conversation(&alice(), made.id, patch, at(1))
            .await;
        let made = made.unwrap();
        assert_eq!(made.system, Some(format!("{text}.")));
        assert_eq!(
            subject.other.conversation(&alice(), made.id).await.unwrap(),
            made
        );

        let mut begin = idempotent(made.id, text, 1);
        let parts = vec![Part::Text { text: text.into() }];
        begin.user_message = Some((MessageId::new(), parts.clone()));
        begin.model = text.into();
        begin.holder.host = text.into();
        let turn = subject.begin(begin).await;
        assert_eq!(turn.model, text);
        assert_eq!(
            subject
                .other
                .turn(&alice(), turn.key.turn_id)
                .await
                .unwrap(),
            turn
        );
        let mut end = finish(&turn);
        end.parts.clone_from(&parts);
        subject.store.finish_turn(end).await.unwrap();
        let messages = subject.messages(made.id).await;
        assert_eq!(messages[0].parts, parts);
        assert_eq!(messages[1].parts, parts);
    }
}

/// The first candidate stays, for all processes, also when they come at once.
pub async fn a_secret_is_shared(subject: &Subject) {
    let (one, two) = tokio::join!(
        subject.store.shared_secret("session", b"one\0\xff"),
        subject.other.shared_secret("session", b"two"),
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one, two);
    assert!(one == b"one\0\xff" || one == b"two");
    assert_eq!(
        subject
            .store
            .shared_secret("session", b"three")
            .await
            .unwrap(),
        one
    );
    assert_eq!(
        subject
            .other
            .shared_secret("another", b"four")
            .await
            .unwrap(),
        b"four"
    );
}
