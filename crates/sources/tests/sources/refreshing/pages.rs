//! Sources that are one page.

use super::*;

#[tokio::test]
async fn a_page_is_ingested_when_its_content_changes_and_not_when_only_its_etag_does() {
    let site = Site::start().await;
    let key = site.url("/page");
    let page = |body: &str, etag: &str| html(body).header("etag", etag);
    site.reply_next("/page", page("one", "\"1\""));
    site.reply_next("/page", page("one", "\"2\""));
    site.reply_next("/page", page("two", "\"3\""));
    site.reply_next("/page", status(304));
    let mut state = SourceState::default();
    let mut told = Vec::new();
    for etag in ["\"1\"", "\"2\"", "\"3\"", "\"3\""] {
        told.push(run(&reader(), &page_at(&site), &mut state).await);
        assert_eq!(state.validators.etag.as_deref(), Some(etag));
    }
    assert_eq!(told[0], [format!("ingest {key} text/html one")]);
    assert!(told[1].is_empty());
    assert_eq!(told[2], [format!("ingest {key} text/html two")]);
    assert!(told[3].is_empty());
    assert_eq!(state.items[&key].document, format!("doc:{key}"));
}

#[tokio::test]
async fn a_page_that_is_gone_is_deleted_if_it_was_ingested() {
    let site = Site::start().await;
    site.page("/page", "one");
    site.reply_next("/page", status(500));
    site.reply_next("/page", status(404));
    let mut state = SourceState::default();
    run(&reader(), &page_at(&site), &mut state).await;
    // A server that is down deletes nothing.
    let error = refusal(&page_at(&site), state.clone()).await;
    assert_eq!(error.code(), "unavailable");
    let told = run(&reader(), &page_at(&site), &mut state).await;
    assert_eq!(told, [format!("gone {}", site.url("/page"))]);
    // And what was never there is an error.
    let error = refusal(&page_at(&site), state).await;
    assert!(
        matches!(error, SourceError::Gone { status: 404, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_page_that_was_never_ingested_is_read_whatever_its_etag() {
    let site = Site::start().await;
    site.page("/page", "one");
    let mut state = SourceState::default();
    state.validators.etag = Some("\"1\"".into());
    let told = run(&reader(), &page_at(&site), &mut state).await;
    assert_eq!(told.len(), 1);
    assert!(site.requests()[1]["headers"].get("if-none-match").is_none());
}
