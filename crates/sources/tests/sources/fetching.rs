//! What servers answer, and what is made of it.

use std::{io::Write, time::Duration};

use flate2::{Compression, write::GzEncoder};
use tidewire_sources::{FetchSettings, Fetched, Fetcher, SourceError, Validators};
use tidewire_test_scripted_http::{Reply, Step};

use crate::site::{Site, fetcher, get, html, redirect, settings, status, text};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_page_comes_with_what_is_known_of_it() {
    let site = Site::start().await;
    let reply = html("hello").header("etag", "\"1\"");
    site.reply_next(
        "/page",
        reply.header("last-modified", "Tue, 06 Jan 2026 10:00:00 GMT"),
    );
    let page = get(&fetcher(), &site.url("/page")).await.unwrap();
    assert_eq!(page.url, site.url("/page"));
    assert_eq!(page.media_type, "text/html");
    assert_eq!(page.charset.as_deref(), Some("utf-8"));
    assert_eq!(page.validators.etag.as_deref(), Some("\"1\""));
    assert_eq!(text(&page), "hello");
}

#[tokio::test]
async fn a_site_learns_who_asks_and_how_to_reach_them() {
    let site = Site::start().await;
    site.page("/page", "hello");
    get(&fetcher(), &site.url("/page")).await.unwrap();
    let requests = site.requests();
    let paths: Vec<_> = requests.iter().map(|request| &request["path"]).collect();
    assert_eq!(paths, ["/robots.txt", "/page"]);
    for request in &requests {
        let agent = request["headers"]["user-agent"].as_str().unwrap();
        assert!(agent.starts_with("Tidewire/"), "{agent}");
        assert!(agent.ends_with("(+https://example.com/about-our-bot)"));
        assert!(request["headers"].get("referer").is_none());
        assert!(request["headers"].get("cookie").is_none());
    }
}

#[tokio::test]
async fn without_a_contact_nothing_is_asked() {
    for contact in ["", " ", "line\nbreak", "späť"] {
        let error = Fetcher::new(FetchSettings::new(contact)).err().unwrap();
        assert_eq!(error.code(), "invalid");
        assert!(error.to_string().contains("contact"), "{error}");
    }
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let site = Site::start().await;
    site.reply_next("/page", status(304));
    let changed = Reply::new(200, "text/html", [Step::Send("new".into())]);
    site.reply_next("/page", changed.header("etag", "\"2\""));
    let known = Validators {
        etag: Some("\"1\"".into()),
        last_modified: Some("Tue, 06 Jan 2026 10:00:00 GMT".into()),
    };
    let fetcher = fetcher();
    let answer = fetcher.get(&site.url("/page"), &known).await.unwrap();
    assert_eq!(answer, Fetched::NotModified);
    let headers = &site.requests()[1]["headers"];
    assert_eq!(headers["if-none-match"], "\"1\"");
    assert_eq!(
        headers["if-modified-since"],
        "Tue, 06 Jan 2026 10:00:00 GMT"
    );

    let Fetched::Page(page) = fetcher.get(&site.url("/page"), &known).await.unwrap() else {
        panic!("it changed");
    };
    assert_eq!(page.validators.etag.as_deref(), Some("\"2\""));
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_an_error() {
    let site = Site::start().await;
    site.reply_next("/page", status(304));
    let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
    assert_eq!(error.code(), "malformed");
}

#[tokio::test]
async fn a_success_without_a_body_does_not_count_as_a_page() {
    let site = Site::start().await;
    site.reply_next("/page", Reply::new(200, "text/html", []));
    site.reply_next("/none", status(204));
    for path in ["/page", "/none"] {
        let error = get(&fetcher(), &site.url(path)).await.unwrap_err();
        assert_eq!(error.code(), "malformed");
        assert!(error.to_string().contains("is empty"), "{error}");
    }
}

#[tokio::test]
async fn statuses_are_told_apart_by_what_can_be_done() {
    let site = Site::start().await;
    for (code, name, is_permanent) in [
        (400, "malformed", true),
        (401, "denied", true),
        (403, "denied", true),
        (404, "gone", true),
        (408, "unavailable", false),
        (410, "gone", true),
        (429, "throttled", false),
        (451, "denied", true),
        (500, "unavailable", false),
        (503, "unavailable", false),
        (300, "malformed", true),
    ] {
        site.reply_next("/page?token=secret", status(code));
        let url = site.url("/page?token=secret");
        let error = get(&fetcher(), &url).await.unwrap_err();
        assert_eq!(error.code(), name, "{code}: {error}");
        assert_eq!(error.is_permanent(), is_permanent, "{code}: {error}");
        assert!(
            !format!("{error} {error:?}").contains("secret"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_busy_says_when_to_come_back() {
    let site = Site::start().await;
    for code in [429, 503] {
        site.reply_next("/page", status(code).header("retry-after", "120"));
        let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
        assert_eq!(error.code(), "throttled");
        assert_eq!(error.retry_after(), Some(Duration::from_mins(2)));
        assert!(error.to_string().contains("120 s"), "{error}");
    }
}

#[tokio::test]
async fn compressed_pages_are_read() {
    let site = Site::start().await;
    let packed = |bytes: Vec<u8>, encoding: &str| {
        let reply = Reply::new(200, "text/html", [Step::Send(bytes.into())]);
        reply.header("content-encoding", encoding)
    };
    let mut two_members = gzip(b"hello ");
    two_members.extend(gzip(b"again"));
    let whole = gzip(b"hello");
    let cut = whole[..whole.len() - 6].to_vec();
    let cases = [
        (packed(whole.clone(), "gzip"), Ok("hello")),
        (packed(whole.clone(), "GZIP").bytewise(), Ok("hello")),
        (packed(two_members, "x-gzip"), Ok("hello again")),
        (packed(b"hello".to_vec(), "identity"), Ok("hello")),
        (packed(b"hello".to_vec(), "gzip"), Err("gzip")),
        (packed(cut, "gzip"), Err("gzip")),
        (packed(whole, "br"), Err("not asked for")),
    ];
    for (reply, expected) in cases {
        site.reply_next("/page", reply);
        let read = get(&fetcher(), &site.url("/page")).await;
        match expected {
            Ok(body) => assert_eq!(text(&read.unwrap()), body),
            Err(why) => {
                let error = read.unwrap_err();
                assert_eq!(error.code(), "malformed");
                assert!(error.to_string().contains(why), "{error}");
            }
        }
    }
    assert_eq!(site.requests()[0]["headers"]["accept-encoding"], "gzip");
}

#[tokio::test]
async fn redirects_are_followed_to_where_the_page_is() {
    let site = Site::start().await;
    site.reply_next("/old", redirect("new?x=1#part"));
    site.page("/new?x=1", "hello");
    let page = get(&fetcher(), &site.url("/old")).await.unwrap();
    assert_eq!(page.url, site.url("/new?x=1#part"));
    assert_eq!(text(&page), "hello");
}

#[tokio::test]
async fn redirects_without_an_end_or_a_target_are_errors() {
    let site = Site::start().await;
    for _ in 0..10 {
        site.reply_next("/loop", redirect("/loop"));
    }
    let error = get(&fetcher(), &site.url("/loop")).await.unwrap_err();
    assert!(error.to_string().contains("more than 5 times"), "{error}");
    assert_eq!(site.paths().len(), 6);

    for target in ["http://", ""] {
        site.reply_next("/nowhere", redirect(target));
    }
    site.reply_next("/nowhere", status(301));
    let error = get(&fetcher(), &site.url("/nowhere")).await.unwrap_err();
    assert_eq!(error.code(), "malformed");
}

#[tokio::test]
async fn a_connection_that_breaks_can_be_tried_again() {
    let site = Site::start().await;
    let cut = [Step::Send("beginning".into()), Step::Flush, Step::Cut];
    site.reply_next("/page", Reply::new(200, "text/html", cut));
    let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
    assert!(matches!(error, SourceError::Unavailable(_)), "{error}");
    assert!(!error.is_permanent());

    let closed = site.url("/page");
    drop(site);
    let error = get(&Fetcher::new(settings()).unwrap(), &closed)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "unavailable");
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
}
