//! Lists in pages, and what cannot page them.

use std::collections::HashSet;

use serde_json::{Value, json};
use tidewire_tests::Site;

#[tokio::test]
async fn bad_limits_and_cursors_are_refused() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    let lists = [
        "/api/conversations".to_owned(),
        format!("/api/conversations/{conversation}/messages"),
    ];
    for list in &lists {
        for limit in ["0", "201", "-1", "x", "1.5", "4294967296", ""] {
            let answer = client.get(&format!("{list}?limit={limit}")).await;
            answer.expect_problem(422, "invalid_request");
        }
        let long = "A".repeat(4000);
        for cursor in ["x", "AAAA", "%00", "%F0%9F%8C%8A", "-1", "'", long.as_str()] {
            let answer = client.get(&format!("{list}?cursor={cursor}")).await;
            answer.expect_problem(422, "invalid_cursor");
        }
    }
    client.expect_healthy().await;
}

#[tokio::test]
async fn pages_hold_everything_once() {
    let site = Site::offline();
    let client = site.start().await.client();
    let mut made = HashSet::new();
    for number in 0..7 {
        let title = json!({"title": format!("Tide {number}")});
        made.insert(client.conversation_with(title).await);
    }
    let mut listed: Vec<String> = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/conversations?limit=3&cursor={cursor}");
        let page = client.get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
        listed.extend(items.iter().map(id));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(listed.len(), 7);
    assert_eq!(listed.into_iter().collect::<HashSet<_>>(), made);
}

#[tokio::test]
async fn a_cursor_of_one_list_does_not_page_another() {
    let site = Site::offline();
    let client = site.start().await.client();
    let mut first = String::new();
    for _ in 0..2 {
        first = client.conversation().await;
        client.say(&first, "hello").await.rest().await;
    }
    let page = client.get("/api/conversations?limit=1").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let path = format!("/api/conversations/{first}/messages?cursor={cursor}");
    let answer = client.get(&path).await;
    answer.expect_problem(422, "invalid_cursor");
}

#[tokio::test]
async fn a_search_takes_any_text_and_finds_titles_whatever_their_case() {
    let site = Site::offline();
    let client = site.start().await.client();
    for title in ["Springtide", "100% neap_tide", "Ébb"] {
        client.conversation_with(json!({"title": title})).await;
    }
    for (q, found) in [
        ("SPRING", vec!["Springtide"]),
        ("%25", vec!["100% neap_tide"]),
        ("_", vec!["100% neap_tide"]),
        ("ébb", vec!["Ébb"]),
        ("tide%00", vec![]),
        ("'%3B DROP TABLE conversations", vec![]),
        ("%5C", vec![]),
    ] {
        let page = client.get(&format!("/api/conversations?q={q}")).await;
        let page = page.expect(200);
        let items = page["items"].as_array().unwrap();
        let titles: Vec<&str> = items.iter().filter_map(|i| i["title"].as_str()).collect();
        assert_eq!(titles, found, "{q}");
    }
}
