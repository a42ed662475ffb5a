//! What the proxy answers itself.

use tokio::net::TcpListener;

use crate::{
    client::Client,
    scene::{credentials, no_credentials, set, start},
};

/// Head and body of the answer, after which the connection is closed.
async fn answer_to(client: &mut Client, request: &str) -> (String, serde_json::Value) {
    client.send(request).await;
    let head = client.head().await;
    let body = client.rest().await;
    for secret in ["very-secret", "AKIDEXAMPLE", "Bearer"] {
        assert!(!head.contains(secret) && !body.contains(secret), "{body}");
    }
    (head, serde_json::from_str(&body).unwrap())
}

fn get(path: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer mine\r\n{more}\r\n"
    )
}

#[tokio::test]
async fn a_function_that_cannot_be_reached_is_a_bad_gateway() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let proxy = start(&url, credentials().into()).await;
    let mut client = Client::connect(proxy.address).await;
    let (head, body) = answer_to(&mut client, &get("/v1/models", "")).await;
    assert!(head.starts_with("http/1.1 502 bad gateway"));
    assert!(head.contains("content-type: application/json\r\n"));
    assert_eq!(body["error"]["code"], "upstream_unreachable");
    assert_eq!(body["error"]["type"], "server_error");
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains(&url), "{message}");

    let mut client = Client::connect(proxy.address).await;
    let (head, body) = answer_to(&mut client, &get("/v10", "")).await;
    assert!(head.contains("content-type: application/problem+json\r\n"));
    assert_eq!(body["status"], 502);
    assert_eq!(body["title"], "Bad Gateway");
    assert_eq!(body["code"], "upstream_unreachable");
}

#[tokio::test]
async fn a_function_that_hangs_up_is_a_bad_gateway() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let proxy = start(&url, credentials().into()).await;
    let mut client = Client::connect(proxy.address).await;
    client.send(get("/", "")).await;
    let (stream, _) = listener.accept().await.unwrap();
    drop(stream);
    assert!(client.head().await.starts_with("http/1.1 502 bad gateway"));
}

#[tokio::test]
async fn without_credentials_the_answer_says_what_to_do() {
    let (mut function, _proxy, _client) = set().await;
    let proxy = start(&function.url, no_credentials()).await;
    let mut client = Client::connect(proxy.address).await;
    let (head, body) = answer_to(&mut client, &get("/", "")).await;
    assert!(head.starts_with("http/1.1 503 service unavailable"));
    assert_eq!(body["code"], "no_credentials");
    let detail = body["detail"].as_str().unwrap();
    assert!(detail.contains("aws sso login") && detail.contains("AWS_ACCESS_KEY_ID"));
    assert!(function.is_idle());
}

#[tokio::test]
async fn what_comes_from_elsewhere_is_refused() {
    let (mut function, proxy, _client) = set().await;
    for (request, status, code) in [
        (
            "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".into(),
            403,
            "foreign_host",
        ),
        (
            get("/", "Origin: https://evil.example\r\n"),
            403,
            "foreign_origin",
        ),
        (get("/", "Origin: null\r\n"), 403, "foreign_origin"),
        (get("/", "Host: evil.example\r\n"), 400, "invalid_host"),
        (get("http://evil.example/", ""), 400, "invalid_host"),
        (
            get("*", "").replace("GET", "OPTIONS"),
            400,
            "invalid_target",
        ),
        (
            "CONNECT localhost HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".into(),
            400,
            "invalid_target",
        ),
    ] {
        let mut client = Client::connect(proxy.address).await;
        let (head, body) = answer_to(&mut client, &request).await;
        assert!(
            head.starts_with(&format!("http/1.1 {status} ")),
            "{request}: {head}"
        );
        assert_eq!(body["code"], code, "{request}");
    }
    assert!(function.is_idle());
}

#[tokio::test]
async fn a_page_of_the_proxys_own_origin_is_served() {
    let (mut function, proxy, mut client) = set().await;
    let host = proxy.address.to_string();
    client
        .send(format!(
            "GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\r\n"
        ))
        .await;
    assert_eq!(function.call().await.head.method, "GET");
}

#[tokio::test]
async fn one_byte_too_many_is_refused() {
    let (mut function, proxy, _client) = set().await;
    let chunked = "Transfer-Encoding: chunked\r\n".to_owned();
    for (framing, is_chunked) in [
        ("Content-Length: 6291457\r\n".to_owned(), false),
        (chunked, true),
    ] {
        let mut client = Client::connect(proxy.address).await;
        client
            .send(get("/v1/chat/completions", &framing).replace("GET", "POST"))
            .await;
        let body = "x".repeat(6_291_457);
        if is_chunked {
            client.send(format!("600001\r\n{body}\r\n0\r\n\r\n")).await;
        } else {
            client.send(body).await;
        }
        let (head, body) = answer_to(&mut client, "").await;
        assert!(head.starts_with("http/1.1 413 payload too large"), "{head}");
        assert_eq!(body["error"]["code"], "body_too_large");
        assert!(
            body["error"]["message"]
                .as_str()
                .unwrap()
                .contains("6291456")
        );
    }
    assert!(function.is_idle());
}

#[tokio::test]
async fn whoever_sends_far_too_much_comes_to_read_the_answer() {
    let (_function, proxy, _client) = set().await;
    let mut client = Client::connect(proxy.address).await;
    let far_too_much = "Content-Length: 25165824\r\n";
    client
        .send(get("/api", far_too_much).replace("GET", "POST"))
        .await;
    assert!(client.send(vec![b'x'; 25_165_824]).await);
    let (head, body) = answer_to(&mut client, "").await;
    assert!(head.starts_with("http/1.1 413 "), "{head}");
    assert_eq!(body["code"], "body_too_large");
}

#[tokio::test]
async fn whoever_asks_first_is_told_before_sending_too_much() {
    let (_function, proxy, _client) = set().await;
    let mut client = Client::connect(proxy.address).await;
    let too_much = "Expect: 100-continue\r\nContent-Length: 99999999\r\n";
    let (head, body) = answer_to(&mut client, &get("/api", too_much)).await;
    assert!(head.starts_with("http/1.1 413 "), "{head}");
    assert_eq!(body["code"], "body_too_large");
}

#[tokio::test]
async fn a_body_that_breaks_off_goes_nowhere() {
    let (mut function, proxy, _client) = set().await;
    let mut client = Client::connect(proxy.address).await;
    let chunked = get("/", "Transfer-Encoding: chunked\r\n").replace("GET", "POST");
    client.send(format!("{chunked}zz\r\n")).await;
    let head = client.head().await;
    assert!(
        head.starts_with("http/1.1 400 ") || head.is_empty(),
        "{head}"
    );
    assert!(function.is_idle());
}
