//! Lists of conversations, searches, and cursors.

use tidewire_domain::{ConversationPatch, ConversationQuery, NewConversation, StoreError};

use super::scene::{Subject, alice, at, finish, page};

pub(super) fn query(limit: u32, cursor: Option<String>, title: Option<&str>) -> ConversationQuery {
    ConversationQuery {
        page: page(limit, cursor),
        title_contains: title.map(Into::into),
    }
}

fn titled(title: &str) -> NewConversation {
    NewConversation {
        title: Some(title.into()),
        ..NewConversation::default()
    }
}

/// The last written comes first; of equal moments the later id; pages neither skip nor repeat.
pub async fn conversations_are_listed_by_their_last_write(subject: &Subject) {
    let store = &subject.store;
    let mut made = Vec::new();
    for moment in [0, 1, 1, 1, 2, 3, 4] {
        let new = NewConversation::default();
        made.push(
            store
                .create_conversation(&alice(), new, at(moment))
                .await
                .unwrap(),
        );
    }
    let patch = ConversationPatch::default();
    store
        .update_conversation(&alice(), made[0].id, patch, at(50))
        .await
        .unwrap();
    subject.running(made[2].id).await;
    let turn = subject.running(made[4].id).await;
    store.finish_turn(finish(&turn)).await.unwrap();

    let mut expected: Vec<_> = Vec::new();
    for conversation in &made {
        expected.push(store.conversation(&alice(), conversation.id).await.unwrap());
    }
    expected.sort_by_key(|conversation| (conversation.updated_at, conversation.id));
    expected.reverse();
    assert_eq!(expected[0].id, made[0].id);
    assert_eq!(expected[1].id, made[4].id);

    for limit in [1, 3, 7, 100] {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = subject
                .other
                .conversations(&alice(), query(limit, cursor, None))
                .await;
            let page = page.unwrap();
            assert!(page.items.len() <= limit as usize);
            found.extend(page.items);
            assert!(found.len() <= expected.len(), "pages of {limit} repeat");
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "in pages of {limit}");
    }
}

/// A search ignores case in every script, takes wildcards as text, and is paged.
pub async fn titles_are_found_whatever_their_case(subject: &Subject) {
    let titles = [
        "Straße nach Süden",
        "ПРИВЕТ мир",
        "100% sure",
        "100 of them",
        "a_b",
        "acb",
    ];
    for (moment, title) in (0..).zip(titles) {
        let made = subject
            .store
            .create_conversation(&alice(), titled(title), at(moment))
            .await;
        made.unwrap();
    }
    subject.conversation().await;
    let find = async |text: &str| -> Vec<String> {
        let found = subject
            .store
            .conversations(&alice(), query(100, None, Some(text)))
            .await;
        let items = found.unwrap().items;
        items.into_iter().filter_map(|found| found.title).collect()
    };
    assert_eq!(find("SÜDEN").await, ["Straße nach Süden"]);
    assert_eq!(find("привет").await, ["ПРИВЕТ мир"]);
    assert_eq!(find("100%").await, ["100% sure"]);
    assert_eq!(find("A_B").await, ["a_b"]);
    assert_eq!(find("100").await, ["100 of them", "100% sure"]);
    assert_eq!(find("nothing like it").await, [""; 0]);

    let first = subject
        .store
        .conversations(&alice(), query(1, None, Some("100")))
        .await
        .unwrap();
    let rest = query(1, first.next_cursor.clone(), Some("100"));
    let second = subject.store.conversations(&alice(), rest).await.unwrap();
    assert_eq!(first.items[0].title.as_deref(), Some("100 of them"));
    assert_eq!(second.items[0].title.as_deref(), Some("100% sure"));
    assert_eq!(second.next_cursor, None);
}

/// A cursor that the list did not give out is an error.
pub async fn an_odd_cursor_is_refused(subject: &Subject) {
    let store = &subject.store;
    let (one, two) = (
        subject.conversation().await.id,
        subject.conversation().await.id,
    );
    for id in [one, two] {
        subject.answered(id).await;
    }
    let of_messages = store
        .messages(&alice(), one, page(1, None))
        .await
        .unwrap()
        .next_cursor;
    let listed = store
        .conversations(&alice(), query(1, None, None))
        .await
        .unwrap();
    let of_conversations = listed.next_cursor;
    assert!(of_messages.is_some() && of_conversations.is_some());
    let invalid = |error| matches!(error, Some(StoreError::InvalidCursor));
    for odd in [
        "",
        "x",
        "AAAA",
        "\0",
        "é",
        "../..",
        "🦀",
        &"A".repeat(10_000),
    ] {
        let odd = Some(odd.to_owned());
        assert!(invalid(
            store
                .messages(&alice(), one, page(9, odd.clone()))
                .await
                .err()
        ));
        assert!(invalid(
            store
                .conversations(&alice(), query(9, odd, None))
                .await
                .err()
        ));
    }
    assert!(invalid(
        store
            .messages(&alice(), two, page(9, of_messages.clone()))
            .await
            .err()
    ));
    assert!(invalid(
        store
            .messages(&alice(), one, page(9, of_conversations))
            .await
            .err()
    ));
    assert!(invalid(
        store
            .conversations(&alice(), query(9, of_messages, None))
            .await
            .err()
    ));
}
