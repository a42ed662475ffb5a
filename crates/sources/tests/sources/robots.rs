//! What sites ask programs to leave alone.

use tidewire_test_scripted_http::{Reply, Step};

use crate::site::{Site, fetcher, get, redirect, status};

fn rules(text: &str) -> Reply {
    Reply::new(200, "text/plain", [Step::Send(text.to_owned().into())])
}

#[tokio::test]
async fn rules_are_kept_and_asked_for_once() {
    let site = Site::start().await;
    site.reply_next("/robots.txt", rules("User-agent: *\nDisallow: /private\n"));
    site.page("/page", "hello");
    let fetcher = fetcher();
    let error = get(&fetcher, &site.url("/private/page?token=secret")).await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), "not_allowed_by_robots");
    assert!(error.to_string().contains("robots.txt"), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    get(&fetcher, &site.url("/page")).await.unwrap();
    let requests = site.requests();
    let paths: Vec<_> = requests.iter().map(|request| &request["path"]).collect();
    assert_eq!(paths, ["/robots.txt", "/page"]);
}

#[tokio::test]
async fn a_site_can_write_rules_for_us_alone() {
    let site = Site::start().await;
    site.reply_next(
        "/robots.txt",
        rules("User-agent: tidewire\nDisallow: /\n\nUser-agent: *\nAllow: /\n"),
    );
    let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
    assert_eq!(error.code(), "not_allowed_by_robots");
}

#[tokio::test]
async fn rules_hold_for_where_a_redirect_leads() {
    let site = Site::start().await;
    site.reply_next("/robots.txt", rules("User-agent: *\nDisallow: /private\n"));
    site.reply_next("/page", redirect("/private/page"));
    let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
    assert_eq!(error.code(), "not_allowed_by_robots");
    assert_eq!(site.paths(), ["/page"]);
}

#[tokio::test]
async fn without_rules_everything_is_allowed() {
    for code in [400, 401, 403, 404, 410, 418] {
        let site = Site::start().await;
        site.reply_next("/robots.txt", status(code));
        site.page("/page", "hello");
        get(&fetcher(), &site.url("/page")).await.unwrap();
    }
    // Nor does an empty one forbid anything.
    let site = Site::start().await;
    site.reply_next("/robots.txt", rules(""));
    site.page("/page", "hello");
    get(&fetcher(), &site.url("/page")).await.unwrap();
}

#[tokio::test]
async fn rules_that_cannot_be_read_forbid_everything_for_now() {
    let site = Site::start().await;
    site.reply_next("/robots.txt", status(500));
    site.page("/page", "hello");
    let fetcher = fetcher();
    for _ in 0..2 {
        let error = get(&fetcher, &site.url("/page")).await.unwrap_err();
        assert_eq!(error.code(), "unavailable");
        assert!(!error.is_permanent());
        assert!(error.to_string().contains("robots.txt"), "{error}");
    }
    assert_eq!(site.requests().len(), 1);
}

#[tokio::test]
async fn a_site_that_is_busy_for_robots_is_busy_for_pages() {
    let site = Site::start().await;
    site.reply_next("/robots.txt", status(429).header("retry-after", "60"));
    let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
    assert_eq!(error.code(), "throttled");
    assert_eq!(error.retry_after().unwrap().as_secs(), 60);
}

#[tokio::test]
async fn rules_may_be_elsewhere() {
    let site = Site::start().await;
    site.reply_next("/robots.txt", redirect("/rules"));
    site.reply_next("/rules", rules("User-agent: *\nDisallow: /page\n"));
    let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
    assert_eq!(error.code(), "not_allowed_by_robots");
}
