//! Sources from one reading to the next.

mod pages;

use std::sync::Arc;

use tidewire_domain::SourceKind;
use tidewire_sources::{Fetcher, Outcome, Reader, Seen, SourceError, SourceState, Validators};
use tidewire_test_scripted_http::{Reply, Step};

use crate::site::{Names, Site, fetcher, html, settings, status};

fn reader() -> Reader {
    Reader::new(fetcher(), None)
}

/// What a worker would do: ingest what comes, and keep what it is told to.
pub(crate) async fn run(
    reader: &Reader,
    kind: &SourceKind,
    state: &mut SourceState,
) -> Vec<String> {
    let mut refresh = reader.refresh(kind, state.clone()).await.unwrap();
    let mut told = Vec::new();
    while let Some(outcome) = refresh.next().await {
        match outcome {
            Outcome::Ingest(item) => {
                let document = item.replaces.unwrap_or_else(|| format!("doc:{}", item.key));
                told.push(format!(
                    "ingest {} {} {}",
                    item.key,
                    item.media_type,
                    String::from_utf8_lossy(&item.bytes)
                ));
                let fingerprint = item.fingerprint;
                state.items.insert(
                    item.key,
                    Seen {
                        fingerprint,
                        document,
                    },
                );
            }
            Outcome::Failed(failure) => {
                told.push(format!("failed {} {}", failure.key, failure.error.code()));
            }
            Outcome::Gone { key, document } => {
                assert_eq!(state.items.remove(&key).unwrap().document, document);
                told.push(format!("gone {key}"));
            }
            Outcome::Finished(validators) => state.validators = validators,
        }
    }
    told
}

/// Why a source as a whole cannot be read.
async fn refusal(kind: &SourceKind, state: SourceState) -> SourceError {
    let reader = reader();
    let refresh = reader.refresh(kind, state).await;
    refresh.err().unwrap()
}

fn feed(items: &str) -> Reply {
    let body = format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\
         <channel><title>News</title>{items}</channel></rss>"
    );
    Reply::new(200, "application/rss+xml", [Step::Send(body.into())])
}

fn whole(id: &str, text: &str) -> String {
    format!("<item><guid>{id}</guid><content:encoded>{text}</content:encoded></item>")
}

fn summary(id: &str, link: &str) -> String {
    format!("<item><guid>{id}</guid><link>{link}</link><description>short</description></item>")
}

fn feed_at(site: &Site) -> SourceKind {
    SourceKind::Feed {
        url: site.url("/feed"),
    }
}

fn page_at(site: &Site) -> SourceKind {
    SourceKind::WebPage {
        url: site.url("/page"),
    }
}

#[tokio::test]
async fn a_feeds_items_are_taken_from_it_or_from_their_pages() {
    let site = Site::start().await;
    let items = whole("1", "all of it") + &summary("2", &site.url("/2"));
    site.reply_next("/feed", feed(&items));
    site.page("/2", "the page");
    let mut state = SourceState::default();
    assert_eq!(
        run(&reader(), &feed_at(&site), &mut state).await,
        [
            "ingest 1 text/html all of it",
            "ingest 2 text/html the page"
        ]
    );
    // A second reading finds nothing new, and reads no page.
    site.reply_next("/feed", feed(&items));
    assert!(run(&reader(), &feed_at(&site), &mut state).await.is_empty());
    assert_eq!(site.paths(), ["/feed", "/2", "/feed"]);
}

#[tokio::test]
async fn a_feed_that_says_it_has_not_changed_is_believed() {
    let site = Site::start().await;
    site.reply_next("/feed", feed(&whole("1", "text")).header("etag", "\"a\""));
    site.reply_next("/feed", status(304));
    let mut state = SourceState::default();
    run(&reader(), &feed_at(&site), &mut state).await;
    let before = state.clone();
    assert!(run(&reader(), &feed_at(&site), &mut state).await.is_empty());
    assert_eq!(state, before);
    assert_eq!(site.requests()[3]["headers"]["if-none-match"], "\"a\"");
}

#[tokio::test]
async fn items_that_scroll_out_of_a_feed_stay_and_those_it_changes_are_replaced() {
    let site = Site::start().await;
    site.reply_next("/feed", feed(&(whole("2", "two") + &whole("1", "one"))));
    site.reply_next(
        "/feed",
        feed(&(whole("3", "three") + &whole("2", "two, revised"))),
    );
    let mut state = SourceState::default();
    run(&reader(), &feed_at(&site), &mut state).await;
    assert_eq!(
        run(&reader(), &feed_at(&site), &mut state).await,
        [
            "ingest 3 text/html three",
            "ingest 2 text/html two, revised"
        ]
    );
    let documents: Vec<_> = state.items.values().map(|seen| &seen.document).collect();
    assert_eq!(documents, ["doc:1", "doc:2", "doc:3"]);
}

#[tokio::test]
async fn one_item_that_fails_stops_no_other_and_is_tried_again() {
    let site = Site::start().await;
    let items = summary("1", &site.url("/1"))
        + &summary("2", "ftp://example.com/2")
        + &summary("3", "http://169.254.169.254/latest")
        + &summary("4", &site.url("/4"));
    let listed = || feed(&items).header("etag", "\"a\"");
    site.reply_next("/feed", listed());
    site.reply_next("/1", status(500));
    site.page("/4", "four");
    let mut state = SourceState::default();
    assert_eq!(
        run(&reader(), &feed_at(&site), &mut state).await,
        [
            "failed 1 unavailable",
            "failed 2 address_refused",
            "failed 3 address_refused",
            "ingest 4 text/html four"
        ]
    );
    // With the etag, the next reading would be told that nothing changed.
    assert_eq!(state.validators.etag, None);

    site.reply_next("/feed", listed());
    site.page("/1", "one");
    let told = run(&reader(), &feed_at(&site), &mut state).await;
    assert_eq!(told[0], "ingest 1 text/html one");
    assert_eq!(state.validators.etag.as_deref(), Some("\"a\""));
}

#[tokio::test]
async fn what_was_ingested_before_a_stop_is_not_read_again() {
    let site = Site::start().await;
    let items: String = ["1", "2", "3"]
        .map(|id| summary(id, &site.url(&format!("/{id}"))))
        .concat();
    site.reply_next("/feed", feed(&items));
    site.page("/1", "one");
    let reader = reader();
    let mut state = SourceState::default();
    let mut refresh = reader
        .refresh(&feed_at(&site), state.clone())
        .await
        .unwrap();
    let Some(Outcome::Ingest(item)) = refresh.next().await else {
        panic!("there is a first item");
    };
    let (fingerprint, document) = (item.fingerprint, "document".to_owned());
    state.items.insert(
        item.key,
        Seen {
            fingerprint,
            document,
        },
    );
    assert_eq!(refresh.remaining(), 2);
    drop(refresh);

    site.reply_next("/feed", feed(&items));
    site.page("/2", "two");
    site.page("/3", "three");
    assert_eq!(
        run(&reader, &feed_at(&site), &mut state).await,
        ["ingest 2 text/html two", "ingest 3 text/html three"]
    );
    assert_eq!(site.paths(), ["/feed", "/1", "/feed", "/2", "/3"]);
}

#[tokio::test]
async fn an_item_that_nobody_waited_for_is_read_the_next_time() {
    let site = Site::start().await;
    let items = summary("1", &site.url("/1"));
    site.reply_next("/feed", feed(&items).header("etag", "\"a\""));
    site.reply_next("/1", Reply::new(200, "text/html", [Step::Silence]));
    let reader = reader();
    let state = SourceState::default();
    let mut refresh = reader.refresh(&feed_at(&site), state).await.unwrap();
    let asked = async {
        while !site.paths().contains(&"/1".to_owned()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        outcome = refresh.next() => panic!("{outcome:?}"),
        () = asked => {}
    }
    let end = refresh.next().await;
    assert_eq!(end, Some(Outcome::Finished(Validators::default())));
    assert_eq!(refresh.next().await, None);
}

#[tokio::test]
async fn an_item_is_deleted_when_its_page_says_gone_and_not_when_it_is_missing() {
    let site = Site::start().await;
    let items = |text: &str| {
        feed(
            &["/1", "/2"]
                .map(|path| summary(path, &site.url(path)).replace("short", text))
                .concat(),
        )
    };
    site.reply_next("/feed", items("first"));
    site.reply_next("/feed", items("second"));
    for path in ["/1", "/2"] {
        site.page(path, "text");
    }
    site.reply_next("/1", status(410));
    site.reply_next("/2", status(404));
    let mut state = SourceState::default();
    run(&reader(), &feed_at(&site), &mut state).await;
    assert_eq!(
        run(&reader(), &feed_at(&site), &mut state).await,
        ["gone /1", "failed /2 gone"]
    );
    assert_eq!(state.items.keys().collect::<Vec<_>>(), ["/2"]);
}

#[tokio::test]
async fn entries_that_an_atom_feed_deletes_are_gone() {
    let site = Site::start().await;
    let atom = |entries: &str| {
        let body = format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" \
             xmlns:at=\"http://purl.org/atompub/tombstones/1.0\"><id>f</id>{entries}</feed>"
        );
        Reply::new(200, "application/atom+xml", [Step::Send(body.into())])
    };
    site.reply_next(
        "/feed",
        atom("<entry><id>urn:1</id><content>text</content></entry>"),
    );
    site.reply_next("/feed", atom("<at:deleted-entry ref=\"urn:1\"/>"));
    let mut state = SourceState::default();
    run(&reader(), &feed_at(&site), &mut state).await;
    let told = run(&reader(), &feed_at(&site), &mut state).await;
    assert_eq!(told, ["gone urn:1"]);
}

#[tokio::test]
async fn a_site_that_is_busy_is_left_alone_for_the_rest_of_the_run() {
    let site = Site::start().await;
    let other = Site::start().await;
    let items = summary("1", &site.url("/1"))
        + &summary("2", &site.url("/2"))
        + &summary("3", &other.url("/3"));
    other.reply_next("/feed", feed(&items));
    site.reply_next("/1", status(429).header("retry-after", "30"));
    other.page("/3", "three");
    let told = run(&reader(), &feed_at(&other), &mut SourceState::default()).await;
    assert_eq!(
        told,
        [
            "failed 1 throttled",
            "failed 2 throttled",
            "ingest 3 text/html three"
        ]
    );
    assert_eq!(site.paths(), ["/1"]);
}

#[tokio::test]
async fn a_feed_that_cannot_be_read_deletes_nothing() {
    let site = Site::start().await;
    let broken = Reply::new(200, "application/rss+xml", [Step::Send("<rss".into())]);
    let (gone, moved) = (status(410), html("<html><body>We moved</body></html>"));
    for (reply, code) in [(broken, "malformed"), (gone, "gone"), (moved, "malformed")] {
        site.reply_next("/feed", reply);
        assert_eq!(
            refusal(&feed_at(&site), SourceState::default())
                .await
                .code(),
            code
        );
    }
}

#[tokio::test]
async fn a_feed_in_another_encoding_is_read() {
    let site = Site::start().await;
    let body = b"<?xml version=\"1.0\" encoding=\"windows-1251\"?><rss version=\"2.0\"><channel>\
                 <item><guid>1</guid><description>\xcf\xf0\xe8\xe2\xe5\xf2</description></item>\
                 </channel></rss>";
    let reply = Reply::new(200, "text/xml", [Step::Send(body.to_vec().into())]);
    site.reply_next("/feed", reply);
    let told = run(&reader(), &feed_at(&site), &mut SourceState::default()).await;
    assert_eq!(told, ["ingest 1 text/html Привет"]);
}

#[tokio::test]
async fn a_pasted_address_is_recognised_by_what_is_there() {
    let site = Site::start().await;
    site.reply_next("/feed", feed(&whole("1", "text")));
    site.page("/page", "<html><body>a page</body></html>");
    site.reply_next(
        "/broken",
        Reply::new(200, "application/rss+xml", [Step::Send("x".into())]),
    );
    let recognise = async |path: &str| reader().recognise(&site.url(path)).await;
    assert_eq!(recognise("/feed").await.unwrap(), feed_at(&site));
    assert_eq!(recognise("/page").await.unwrap(), page_at(&site));
    assert_eq!(recognise("/broken").await.unwrap_err().code(), "malformed");
    assert_eq!(recognise("/missing").await.unwrap_err().code(), "gone");
}

#[tokio::test]
async fn a_feed_does_not_lead_inside() {
    let site = Site::start().await;
    site.reply_next("/feed", feed(&summary("1", "http://inside.example/secret")));
    let names = Names::default()
        .with("public.example", &[&["127.0.0.1"]])
        .with("inside.example", &[&["127.0.0.2"]]);
    let fetcher = Fetcher::with_resolver(settings(), Arc::new(names)).unwrap();
    let kind = SourceKind::Feed {
        url: site.url_at("public.example", "/feed"),
    };
    let reader = Reader::new(Arc::new(fetcher), None);
    let told = run(&reader, &kind, &mut SourceState::default()).await;
    assert_eq!(told, ["failed 1 address_refused"]);
}
