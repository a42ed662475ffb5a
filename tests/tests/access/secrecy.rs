//! What the log of a real process never holds.

use serde_json::json;
use tidewire_tests::{Site, Upstream, finish_reason, key_of};

const API_KEY: &str = "sk-the-key-of-the-model-provider";
const QUESTION: &str = "What nobody may read in a log: xylophone";

#[tokio::test]
async fn no_key_no_cookie_and_no_word_of_a_conversation_is_logged() {
    let mut upstream = Upstream::start().await;
    let site = Site::with_model(&json!({
        "id": "scripted",
        "provider": "openai_compatible",
        "base_url": upstream.base_url(),
        "api_key": API_KEY,
    }));
    // All that is ours in full, and more of the libraries than anybody turns on.
    let site = site
        .keys(&["ada"])
        .set("log.filter", "debug,tidewire=trace");
    let process = site.spawn().await;
    let anybody = process.client();
    let ada = process.client_of("ada");

    let traced = ada.request("GET", "/api/conversations");
    let traced = traced.header("x-trace-id", "trace-of-the-test");
    assert_eq!(ada.send(traced).await.status, 200);
    let other_header = anybody.request("GET", "/v1/models");
    let other_header = other_header.header("x-api-key", key_of("ada"));
    assert_eq!(anybody.send(other_header).await.status, 200);
    let wrong = anybody.clone().with_key("a-key-that-was-mistyped");
    assert_eq!(wrong.get("/api/conversations").await.status, 401);
    let query = format!("/api/conversations?key={}&q=xylophone", key_of("ada"));
    assert_eq!(anybody.get(&query).await.status, 401);
    let signed_in = anybody
        .post("/api/session", &json!({"key": key_of("ada")}))
        .await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap();
    let with_cookie = anybody.request("GET", "/api/conversations");
    let with_cookie = with_cookie.header("cookie", cookie);
    assert_eq!(anybody.send(with_cookie).await.status, 200);

    let conversation = ada.conversation().await;
    let stream = ada.say(&conversation, QUESTION).await;
    let mut call = upstream.call().await;
    assert_eq!(
        call.authorization.as_deref(),
        Some(format!("Bearer {API_KEY}").as_str())
    );
    call.say("A xylophone!").await;
    call.finish("stop").await;
    assert_eq!(finish_reason(&stream.rest().await), "stop");
    let stream = ada.say(&conversation, QUESTION).await;
    let call = upstream.call().await;
    let quoting = json!({"error": {"message": format!("Incorrect API key provided: {API_KEY}")}});
    call.refuse(401, "", &quoting.to_string()).await;
    let log = stream.rest().await;
    assert_eq!(finish_reason(&log), "error");
    assert!(
        !format!("{log:?}").contains(API_KEY),
        "nor is it told: {log:?}"
    );

    process.terminate().await;
    let (status, log) = process.ended().await;
    assert!(status.success(), "{log}");
    assert!(log.contains("trace-of-the-test"), "it does log: {log}");
    let token = cookie.split_once('=').unwrap().1;
    let ada = key_of("ada");
    for secret in [
        ada.as_str(),
        API_KEY,
        token,
        "a-key-that-was-mistyped",
        "xylophone",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}
