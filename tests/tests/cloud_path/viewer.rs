//! What a viewer says of itself, and what of it anybody believes.

use serde_json::Value;
use tidewire_tests::{PathScene, key_of};

/// What reaches an app of a request with these headers.
async fn seen_with(scene: &PathScene, headers: &[(&str, &str)]) -> Value {
    let mut request = scene.client.request("GET", "/anything?x=1");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    scene.client.send(request).await.expect(200)["headers"].clone()
}

#[tokio::test]
async fn the_address_list_looks_at_the_socket_alone() {
    let scene = PathScene::start_before_echo(|options| options).await;
    let foreign = scene.client_at("127.0.0.9");
    for headers in [&[][..], &[("x-forwarded-for", "127.0.0.1")]] {
        let mut request = foreign.request("GET", "/anything");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = foreign.send(request).await;
        assert_eq!(answer.status, 403);
        assert!(answer.text.contains("Request blocked."), "{}", answer.text);
    }
    assert_eq!(scene.environments(), []);
    let seen = seen_with(&scene, &[("x-forwarded-for", "8.8.8.8")]).await;
    assert_eq!(
        seen["x-forwarded-for"], "127.0.0.1",
        "the forged one is gone"
    );
}

#[tokio::test]
async fn nobody_can_say_who_signed_or_for_whom() {
    let scene = PathScene::start_before_echo(|options| options).await;
    let forged = [
        ("x-amz-source-arn", "arn:aws:forged"),
        ("x-amz-source-account", "forged"),
        ("x-amz-security-token", "forged"),
        ("x-amz-date", "20200101T000000Z"),
        ("x-amz-cf-id", "forged"),
        ("x-tidewire-authorization", "Bearer forged"),
        ("x-tidewire-host", "forged"),
        ("x-amzn-request-context", r#"{"forged":1}"#),
        ("x-amzn-lambda-context", r#"{"forged":1}"#),
        ("x-amzn-trace-id", "forged"),
        ("x-amz-tenant-id", "forged"),
        ("forwarded", "for=forged"),
        ("x-real-ip", "forged"),
        ("via", "forged"),
    ];
    let seen = seen_with(&scene, &forged).await;
    assert!(!seen.to_string().contains("forged"), "{seen:#}");
    assert_eq!(
        seen["x-amz-source-arn"],
        "arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE"
    );
    let context: Value =
        serde_json::from_str(seen["x-amzn-request-context"].as_str().unwrap()).unwrap();
    assert_eq!(
        context["authorizer"]["iam"]["userArn"],
        "arn:aws:sts::123456789012:assumed-role/OriginAccessControlRole/OriginAccessSession"
    );
}

#[tokio::test]
async fn the_clients_own_authorization_and_host_reach_the_app() {
    let scene = PathScene::start_before_echo(|options| options).await;
    let seen = seen_with(&scene, &[]).await;
    assert_eq!(seen["authorization"], format!("Bearer {}", key_of("local")));
    assert_eq!(seen["x-tidewire-host"], scene.path.public.to_string());
    assert!(seen.get("x-tidewire-authorization").is_none());
    let host = seen["host"].as_str().unwrap();
    assert!(host.ends_with(".lambda-url.eu-central-1.on.aws"), "{host}");
}

#[tokio::test]
async fn paths_and_queries_arrive_as_they_were_sent() {
    let scene = PathScene::start_before_echo(|options| options).await;
    for url in [
        "/a%20b/c%2Fd?x=%2B&y=a%20b&y=&z",
        "/caf%C3%A9?q=%F0%9F%8C%8A",
        "/a//b/",
        "/plus+and~tilde",
    ] {
        let answer = scene.client.get(url).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.text);
        assert_eq!(answer.json()["url"], url);
    }
    // Whether AWS's two sides read a `+` in a query alike is not known. Here they do not, so that
    // our own UI writes spaces as %20.
    assert_eq!(scene.client.get("/x?q=a+b").await.status, 403);
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused_and_our_own_is_not() {
    let scene = PathScene::start().await;
    let own = format!("http://{}", scene.path.public);
    for (origin, status) in [(own.as_str(), 200), ("https://evil.example", 403)] {
        let request = scene.client.request("GET", "/api/session");
        let answer = scene.client.send(request.header("origin", origin)).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}
