//! Servers that never come to an end.

use std::{io::Write, iter, time::Duration};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use tidewire_sources::{FetchSettings, Fetcher};
use tidewire_test_scripted_http::{Reply, Step};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::site::{Site, fetcher, get, impatient, settings};

/// A gigabyte, which no test would take.
fn endless() -> impl Iterator<Item = Step> {
    let chunk = Bytes::from(vec![b'x'; 100_000]);
    iter::repeat_n(Step::Send(chunk), 10_000)
}

#[tokio::test]
async fn a_body_without_an_end_is_left_at_the_limit() {
    let site = Site::start().await;
    site.reply_next("/page", Reply::new(200, "text/html", endless()));
    let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
    assert_eq!(error.code(), "too_large");
    assert!(error.to_string().contains("1000000 bytes"), "{error}");
    site.disconnected().await;
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_taken() {
    let site = Site::start().await;
    for (size, taken) in [(1_000_000, true), (1_000_001, false)] {
        let body = [Step::Send(vec![b'x'; size].into())];
        site.reply_next("/page", Reply::new(200, "text/html", body));
        let read = get(&fetcher(), &site.url("/page")).await;
        assert_eq!(read.is_ok(), taken, "{size}");
    }
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_not_begun() {
    let site = Site::start().await;
    let reply = Reply::new(200, "text/html", [Step::Flush, Step::Silence]);
    site.reply_next("/page", reply.header("content-length", "1000001"));
    let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
    assert_eq!(error.code(), "too_large");
}

#[tokio::test]
async fn a_gzip_bomb_is_left_at_the_limit() {
    let site = Site::start().await;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1_000_000];
    for _ in 0..100 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 200_000);
    let reply = Reply::new(200, "text/html", [Step::Send(bomb.into())]);
    site.reply_next("/page", reply.header("content-encoding", "gzip"));
    let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
    assert_eq!(error.code(), "too_large");
}

#[tokio::test]
async fn a_body_that_drips_is_left_after_a_while() {
    let site = Site::start().await;
    let piece = [Step::Send("x".into()), Step::Wait(Duration::from_millis(5))];
    let drip = iter::repeat_n(piece, 100_000).flatten();
    site.reply_next("/page", Reply::new(200, "text/html", drip));
    let fetcher = Fetcher::new(impatient()).unwrap();
    let error = get(&fetcher, &site.url("/page")).await.unwrap_err();
    assert_eq!(error.code(), "unavailable");
    assert!(error.to_string().contains("longer than 0.6 s"), "{error}");
    site.disconnected().await;
}

#[tokio::test]
async fn headers_without_an_end_are_left() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/page", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 4096]).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
        let header = format!("x-long: {}\r\n", "x".repeat(10_000));
        let mut sent_bytes = 0;
        // Until the client has gone.
        while socket.write_all(header.as_bytes()).await.is_ok() {
            sent_bytes += header.len();
        }
        sent_bytes
    });
    // The robots.txt is what it asks for first.
    let error = get(&fetcher(), &url).await.unwrap_err();
    assert_eq!(error.code(), "unavailable");
    assert!(error.to_string().contains("head"), "{error}");
    // Some of it waits in the buffers between the two.
    assert!(server.await.unwrap() < 10_000_000);
}

#[tokio::test]
async fn a_robots_txt_without_an_end_is_read_as_far_as_the_standard_asks() {
    let site = Site::start().await;
    let rules = Step::Send("User-agent: *\nDisallow: /secret\n".into());
    let reply = Reply::new(200, "text/plain", iter::once(rules).chain(endless()));
    site.reply_next("/robots.txt", reply);
    site.page("/page", "hello");
    let fetcher = fetcher();
    get(&fetcher, &site.url("/page")).await.unwrap();
    site.disconnected().await;
    let error = get(&fetcher, &site.url("/secret")).await.unwrap_err();
    assert_eq!(error.code(), "not_allowed_by_robots");
}

#[tokio::test]
async fn a_robots_txt_that_never_comes_holds_nothing_up_for_long() {
    let site = Site::start().await;
    site.reply_next(
        "/robots.txt",
        Reply::new(200, "text/plain", [Step::Silence]),
    );
    let fetcher = Fetcher::new(FetchSettings {
        robots_timeout: Duration::from_millis(500),
        ..settings()
    })
    .unwrap();
    for _ in 0..2 {
        let error = get(&fetcher, &site.url("/page")).await.unwrap_err();
        assert_eq!(error.code(), "unavailable");
        assert!(error.to_string().contains("took too long"), "{error}");
    }
    // The second time nobody asked.
    assert_eq!(site.requests().len(), 1);
}
