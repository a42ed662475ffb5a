//! What arrives at the client.

use std::io;

use bytes::Bytes;

use crate::{client::Client, scene::set};

const GET: &str = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test]
async fn each_piece_arrives_before_the_next_is_sent() {
    let (mut function, _proxy, mut client) = set().await;
    client.send(GET).await;
    let answer = function.call().await.stream();
    let head = client.head().await;
    assert!(
        head.contains("content-type: text/event-stream\r\n"),
        "{head}"
    );
    for number in 0..50 {
        let piece = format!("data: {number}\n\n");
        answer.send(Ok(Bytes::from(piece.clone()))).await.unwrap();
        assert!(client.read_to("\n\n").await.ends_with(&piece));
    }
    drop(answer);
    assert_eq!(client.read_to("0\r\n\r\n").await, "\r\n0\r\n\r\n");
}

#[tokio::test]
async fn a_client_that_goes_ends_the_stream() {
    let (mut function, _proxy, mut client) = set().await;
    client.send(GET).await;
    let answer = function.call().await.stream();
    client.head().await;
    drop(client);
    answer.closed().await;
}

#[tokio::test]
async fn a_client_that_goes_before_the_answer_ends_the_call() {
    let (mut function, _proxy, mut client) = set().await;
    client.send(GET).await;
    let mut call = function.call().await;
    drop(client);
    call.answer.closed().await;
}

#[tokio::test]
async fn a_stream_that_breaks_does_not_seem_whole() {
    let (mut function, _proxy, mut client) = set().await;
    client.send(GET).await;
    let answer = function.call().await.stream();
    answer.send(Ok(Bytes::from("half"))).await.unwrap();
    client.read_to("half").await;
    answer.send(Err(io::Error::other("broken"))).await.unwrap();
    let rest = client.rest().await;
    assert!(!rest.contains("0\r\n\r\n"), "{rest:?}");
}

#[tokio::test]
async fn headers_arrive_without_those_of_the_connection() {
    let (mut function, _proxy, mut client) = set().await;
    client.send(GET).await;
    let headers = [
        ("connection", "x-once"),
        ("x-once", "1"),
        ("keep-alive", "timeout=5"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("x-trace-id", "t"),
        ("content-length", "1"),
    ];
    function.call().await.answer(&headers, ".");
    let head = client.head().await;
    for kept in [
        "set-cookie: a=1\r\n",
        "set-cookie: b=2\r\n",
        "x-trace-id: t\r\n",
    ] {
        assert!(head.contains(kept), "{head}");
    }
    for gone in ["x-once", "keep-alive"] {
        assert!(!head.contains(gone), "{head}");
    }
}

#[tokio::test]
async fn the_answer_to_head_tells_a_length_and_has_no_body() {
    let (mut function, _proxy, mut client) = set().await;
    client
        .send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    let call = function.call().await;
    assert_eq!(call.head.method, "HEAD");
    call.answer(&[("content-length", "1000")], "");
    let head = client.head().await;
    assert!(head.contains("content-length: 1000\r\n"), "{head}");
    // The connection goes on with the next answer.
    client.send(GET).await;
    function
        .call()
        .await
        .answer(&[("content-length", "1")], ".");
    assert!(client.head().await.starts_with("http/1.1 200 ok"));
}

#[tokio::test]
async fn the_answer_to_head_tells_no_length_that_nobody_told() {
    let (mut function, _proxy, mut client) = set().await;
    client
        .send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    function.call().await.stream();
    let head = client.head().await;
    assert!(!head.contains("content-length"), "{head}");
    client.send(GET).await;
    function
        .call()
        .await
        .answer(&[("content-length", "1")], ".");
    assert!(client.head().await.starts_with("http/1.1 200 ok"));
}

#[tokio::test]
async fn what_lambda_refuses_is_passed_on() {
    let (mut function, _proxy, mut client) = set().await;
    client.send(GET).await;
    let call = function.call().await;
    let (status, text) = (403, r#"{"Message":"Forbidden"}"#);
    let headers = [
        ("x-amzn-errortype", "AccessDeniedException"),
        ("content-length", "23"),
    ];
    call.refuse(status, &headers, text);
    assert!(client.head().await.starts_with("http/1.1 403 forbidden"));
    assert_eq!(client.read_to("}").await, text);
}

#[tokio::test]
async fn a_stop_lets_running_answers_end() {
    let (mut function, proxy, mut client) = set().await;
    let mut idle = Client::connect(proxy.address).await;
    client.send(GET).await;
    let answer = function.call().await.stream();
    client.head().await;
    proxy.stop.send(()).unwrap();
    // The idle connection is closed: the proxy is stopping.
    assert_eq!(idle.rest().await, "");
    assert!(!proxy.task.is_finished());
    answer.send(Ok(Bytes::from("last"))).await.unwrap();
    drop(answer);
    assert!(client.rest().await.ends_with("last\r\n0\r\n\r\n"));
    proxy.task.await.unwrap();
}
