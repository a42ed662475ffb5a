//! No stage writes down what is somebody's.

use std::time::SystemTime;

use serde_json::json;
use tidewire_tests::{PathScene, key_of};

const WORDS: &str = "words-that-nobody-may-read-in-a-log";
const TOKEN: &str = "token-that-nobody-may-read-in-a-log";

#[tokio::test]
async fn no_log_of_any_stage_holds_a_key_a_token_or_a_message() {
    let mut scene = PathScene::start_with(
        |site| site.set("log.filter", "trace"),
        |mut options| {
            // The adapter's and the runtime's own words too.
            options
                .variables
                .push(("AWS_LAMBDA_LOG_LEVEL".into(), "INFO".into()));
            options
        },
    )
    .await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, WORDS).await;
    scene.upstream.answer(WORDS).await;
    stream.rest().await;
    let body = json!({"messages": [{"role": "user", "content": WORDS}]});
    let asking = scene.client.post("/v1/chat/completions", &body);
    let (answer, _) = tokio::join!(asking, scene.upstream.answer(WORDS));
    answer.expect(200);
    let session = json!({"key": key_of("local")});
    scene.client.post("/api/session", &session).await;
    // What is refused is told too: at each stage, with everything that is refused about it.
    let stranger = scene.client.clone().with_key(TOKEN);
    stranger.post("/v1/chat/completions", &body).await;
    stranger.get(&format!("/api/conversations?q={WORDS}")).await;
    let request = stranger.request("POST", "/api/conversations").json(&body);
    stranger.send_as_it_is(request).await;
    let request = stranger.request("GET", "/v1/models").body(WORDS);
    stranger.send_as_it_is(request).await;
    let long = format!("{WORDS}{}", "x".repeat(1 << 20));
    let request = stranger.request("POST", "/v1/x").body(long);
    stranger.send_as_it_is(request).await;
    scene.past_cloudfront().with_key(TOKEN).get("/").await;
    let mut signed = scene.signed("GET", "/", b"", SystemTime::UNIX_EPOCH);
    signed
        .headers
        .insert("x-amz-security-token", TOKEN.parse().unwrap());
    let request = scene.request_of(&signed, b"");
    scene.past_cloudfront().send_as_it_is(request).await;

    let logs = scene.logs();
    for stage in [
        "function",
        "Lambda@Edge",
        "OAC",
        "CloudFront",
        "function URL",
        "lambda",
    ] {
        assert!(logs.contains(stage), "{stage} says something:\n{logs}");
    }
    assert!(logs.contains("answered"), "and so does the app:\n{logs}");
    let account = scene.path.account.as_ref().unwrap();
    let key = key_of("local");
    for secret in [
        WORDS,
        TOKEN,
        &key,
        account.oac.secret_access_key(),
        account.oac.session_token().unwrap(),
        account.user.secret_access_key(),
    ] {
        assert!(!logs.contains(secret), "{secret} in\n{logs}");
    }
}
