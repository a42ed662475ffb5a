//! Messages are listed, and walked from a leaf to the root.

use tidewire_domain::{Parent, Role};

use super::scene::{Subject, alice, finish, page, text, under};

/// All branches, the last stored first, in pages that neither skip nor repeat.
pub async fn messages_come_newest_first(subject: &Subject) {
    let id = subject.conversation().await.id;
    let first = subject.answered(id).await;
    subject.answered(id).await;
    let branch = subject
        .begin(under(id, Parent::SiblingOf(first.message_id)))
        .await;
    subject.store.finish_turn(finish(&branch)).await.unwrap();
    subject.running(id).await;

    let all = subject.messages(id).await;
    let roles: Vec<_> = all.iter().map(|message| message.role).collect();
    let (user, assistant) = (Role::User, Role::Assistant);
    assert_eq!(
        roles,
        [user, assistant, user, assistant, assistant, user, assistant]
    );
    assert_eq!(all[4].id, branch.message_id);
    for limit in [1, 2, 3, 7, 8] {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let got = subject
                .store
                .messages(&alice(), id, page(limit, cursor))
                .await
                .unwrap();
            assert!(got.items.len() <= limit as usize);
            found.extend(got.items);
            assert!(found.len() <= all.len(), "pages of {limit} repeat");
            cursor = got.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        found.reverse();
        assert_eq!(found, all, "in pages of {limit}");
    }
    let empty = subject.conversation().await.id;
    assert_eq!(subject.messages(empty).await, []);
}

/// From the root to the leaf, without the other branches.
pub async fn history_is_one_path(subject: &Subject) {
    let id = subject.conversation().await.id;
    let one = subject.answered(id).await;
    let two = subject.answered(id).await;
    let branch = subject
        .begin(under(id, Parent::Under(Some(one.message_id))))
        .await;
    subject.store.finish_turn(finish(&branch)).await.unwrap();

    let path = async |leaf| -> Vec<_> {
        let path = subject
            .store
            .history(&alice(), id, leaf, u64::MAX)
            .await
            .unwrap();
        path.into_iter().map(|message| message.id).collect()
    };
    let question = one.parent_id.unwrap();
    let trunk = [
        question,
        one.message_id,
        two.parent_id.unwrap(),
        two.message_id,
    ];
    assert_eq!(path(two.message_id).await, trunk);
    let other = [
        question,
        one.message_id,
        branch.parent_id.unwrap(),
        branch.message_id,
    ];
    assert_eq!(path(branch.message_id).await, other);
    assert_eq!(path(question).await, [question]);
    assert_eq!(path(two.parent_id.unwrap()).await, trunk[..3]);
    let whole = subject
        .store
        .history(&alice(), id, two.message_id, u64::MAX)
        .await
        .unwrap();
    assert_eq!(whole, subject.messages(id).await[..4]);
}

/// As many of the newest messages as fit, but always the leaf.
pub async fn history_is_cut_by_bytes(subject: &Subject) {
    let id = subject.conversation().await.id;
    subject.answered(id).await;
    let last = subject.answered(id).await;
    let size = |parts: &str| serde_json::to_string(&text(parts)).unwrap().len() as u64;
    let (question, answer) = (size("a question"), size("an answer"));
    for (max_bytes, expected) in [
        (0, 1),
        (1, 1),
        (answer, 1),
        (answer + question - 1, 1),
        (answer + question, 2),
        (2 * answer + question - 1, 2),
        (2 * answer + question, 3),
        (2 * (answer + question), 4),
        (u64::MAX, 4),
    ] {
        let path = subject
            .store
            .history(&alice(), id, last.message_id, max_bytes)
            .await;
        let path = path.unwrap();
        assert_eq!(path.len(), expected, "in {max_bytes} bytes");
        assert_eq!(path.last().unwrap().id, last.message_id);
    }
}

/// A long conversation is listed and walked as a short one.
pub async fn two_thousand_messages_are_paged_through(subject: &Subject) {
    let id = subject.conversation().await.id;
    let mut last = None;
    for _ in 0..1000 {
        last = Some(subject.answered(id).await);
    }
    let (mut found, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let got = subject
            .other
            .messages(&alice(), id, page(50, cursor))
            .await
            .unwrap();
        found.extend(got.items);
        assert!(found.len() <= 2000, "pages repeat");
        pages += 1;
        cursor = got.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((found.len(), pages), (2000, 40));
    found.reverse();
    let leaf = last.unwrap().message_id;
    let path = subject
        .other
        .history(&alice(), id, leaf, u64::MAX)
        .await
        .unwrap();
    assert_eq!(path, found);
}
