//! What arrives at the function.

use edge_signer::{PayloadHash, Signer};
use jiff::{civil::DateTime, tz::TimeZone};

use crate::{
    function::Call,
    scene::{REGION, credentials, set},
};

/// Asserts that the signature is that of the request as it arrived.
fn expect_signed(call: &Call) {
    let mut again = call.head.clone();
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", call.header("x-amz-date").unwrap()).unwrap();
    let time = time.to_zoned(TimeZone::UTC).unwrap().timestamp();
    let hash = PayloadHash::of(&call.body);
    assert_eq!(call.header("x-amz-content-sha256"), Some(hash.as_str()));
    Signer::new(REGION)
        .sign(&mut again, &hash, &credentials(), time.into())
        .unwrap();
    assert_eq!(
        again.headers["authorization"],
        call.head.headers["authorization"]
    );
    assert_eq!(
        call.header("x-amz-security-token"),
        Some("very-secret-token")
    );
}

#[tokio::test]
async fn a_request_arrives_signed_and_under_the_functions_name() {
    let (mut function, _proxy, mut client) = set().await;
    client
        .send(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\
             Content-Type: application/json\r\nAuthorization: Bearer mine\r\n\
             X-Tidewire-Authorization: Bearer of-somebody\r\nX-Amz-Date: 1\r\nX-Amz-Any: 1\r\n\
             Connection: keep-alive, X-Once\r\nX-Once: 1\r\n\r\n{ä}",
        )
        .await;
    let call = function.call().await;
    expect_signed(&call);
    assert_eq!(call.head.method, "POST");
    assert_eq!(call.head.uri, "/v1/chat/completions");
    assert_eq!(call.body, "{ä}");
    assert_eq!(call.header("host"), function.url.strip_prefix("http://"));
    assert_eq!(call.header("content-type"), Some("application/json"));
    assert_eq!(call.header("x-tidewire-authorization"), Some("Bearer mine"));
    for gone in ["x-amz-any", "x-once", "connection", "transfer-encoding"] {
        assert_eq!(call.header(gone), None, "{gone}");
    }
    call.answer(&[("x-answer", "1")], "done");
    assert!(client.head().await.starts_with("http/1.1 200 ok\r\n"));
    assert!(client.read_to("done").await.ends_with("done"));
}

#[tokio::test]
async fn paths_arrive_as_they_are_and_queries_in_their_wire_form() {
    let (mut function, _proxy, mut client) = set().await;
    for (sent, arrived) in [
        ("//a/../b%2Fc:d", "//a/../b%2Fc:d"),
        ("/?q=a+b&x=/&&y", "/?q=a%20b&x=%2F&y"),
        ("http://localhost/a?b", "/a?b"),
    ] {
        client
            .send(format!("GET {sent} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            .await;
        let call = function.call().await;
        assert_eq!(call.head.uri, arrived);
        expect_signed(&call);
        call.answer(&[("content-length", "1")], ".");
        client.read_to("\r\n\r\n.").await;
    }
}

#[tokio::test]
async fn a_chunked_body_arrives_whole() {
    let (mut function, _proxy, mut client) = set().await;
    let head = "PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    client
        .send(format!(
            "{head}3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n"
        ))
        .await;
    let call = function.call().await;
    expect_signed(&call);
    assert_eq!(call.body, "abcde");
    assert_eq!(call.header("content-length"), Some("5"));
}

#[tokio::test]
async fn all_methods_that_a_function_takes_arrive() {
    let (mut function, _proxy, mut client) = set().await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        client
            .send(format!("{method} /a HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            .await;
        let call = function.call().await;
        expect_signed(&call);
        assert_eq!(call.head.method, method);
        call.answer(&[("content-length", "1")], ".");
        client.read_to("\r\n\r\n.").await;
    }
}

#[tokio::test]
async fn the_largest_body_arrives() {
    let (mut function, _proxy, mut client) = set().await;
    client
        .send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6291456\r\n\r\n")
        .await;
    client.send(vec![b'x'; 6_291_456]).await;
    let call = function.call().await;
    expect_signed(&call);
    assert_eq!(call.body.len(), 6_291_456);
}

#[tokio::test]
async fn whoever_waits_for_a_go_ahead_gets_it() {
    let (mut function, _proxy, mut client) = set().await;
    client
        .send("POST /a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("http/1.1 100 continue"));
    client.send("x").await;
    let call = function.call().await;
    assert_eq!(call.body, "x");
    assert_eq!(call.header("expect"), None);
}

#[tokio::test]
async fn connections_are_used_again() {
    let (mut function, proxy, _) = set().await;
    for _ in 0..3 {
        let mut client = crate::client::Client::connect(proxy.address).await;
        client
            .send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await;
        function
            .call()
            .await
            .answer(&[("content-length", "1")], ".");
        assert!(client.rest().await.ends_with("\r\n\r\n."));
    }
    assert_eq!(function.connections(), 1);
}
