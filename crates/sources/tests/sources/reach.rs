//! Nothing that is not public is reached, however one is led there.

use tidewire_sources::{FetchSettings, Fetcher};

use crate::site::{Names, Site, fetcher, fetcher_with, get, html, redirect, status};

#[tokio::test]
async fn this_machine_is_out_of_reach_by_default() {
    let site = Site::start().await;
    let fetcher = Fetcher::new(FetchSettings::new("https://example.com/bot")).unwrap();
    let port = site.url("").rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost", "[::1]", "2130706433", "0.0.0.0"] {
        let error = get(&fetcher, &format!("http://{host}:{port}/page"))
            .await
            .unwrap_err();
        assert_eq!(error.code(), "address_refused", "{host}: {error}");
        assert!(error.is_permanent());
    }
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_does_not_lead_inside() {
    let site = Site::start().await;
    let names = || {
        Names::default()
            .with("public.example", &[&["127.0.0.1"]])
            .with("inside.example", &[&["127.0.0.2"]])
            .with("metadata.example", &[&["169.254.169.254"]])
    };
    for target in [
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
        "http://127.0.0.2/admin",
        "http://[::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://0x7f000002/",
        "http://inside.example/",
        "http://metadata.example/latest/meta-data/",
        "//inside.example/",
        "ftp://public.example/",
        "file:///etc/passwd",
        "http://user:pass@public.example/",
        "http://public.example:22/",
    ] {
        site.reply_next("/page", redirect(target));
        let url = site.url_at("public.example", "/page");
        let error = get(&fetcher_with(names()), &url).await.unwrap_err();
        assert_eq!(error.code(), "address_refused", "{target}: {error}");
    }
}

#[tokio::test]
async fn robots_txt_does_not_lead_inside_either() {
    let site = Site::start().await;
    site.reply_next("/robots.txt", redirect("http://169.254.169.254/"));
    let error = get(&fetcher(), &site.url("/page")).await.unwrap_err();
    assert_eq!(error.code(), "address_refused");
    assert!(site.paths().is_empty());
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_checked_each_time_it_is_asked() {
    let site = Site::start().await;
    // So that the page needs a connection of its own.
    site.reply_next("/robots.txt", status(404).header("connection", "close"));
    site.page("/page", "secret");
    let names = Names::default().with("rebinding.example", &[&["127.0.0.1"], &["127.0.0.2"]]);
    let url = site.url_at("rebinding.example", "/page");
    let error = get(&fetcher_with(names), &url).await.unwrap_err();
    assert_eq!(error.code(), "address_refused");
    let text = error.to_string();
    assert!(
        text.contains("rebinding.example leads to 127.0.0.2"),
        "{text}"
    );
    assert!(site.paths().is_empty());
}

#[tokio::test]
async fn a_name_with_a_public_and_a_private_address_is_refused() {
    let site = Site::start().await;
    for addresses in [["127.0.0.1", "10.0.0.1"], ["10.0.0.1", "127.0.0.1"]] {
        let names = Names::default().with("both.example", &[&addresses]);
        let url = site.url_at("both.example", "/page");
        let error = get(&fetcher_with(names), &url).await.unwrap_err();
        assert_eq!(error.code(), "address_refused");
        assert!(error.to_string().contains("10.0.0.1"), "{error}");
    }
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn an_intranet_is_read_where_it_was_named() {
    let site = Site::start().await;
    site.reply_next("/page", html("hello"));
    let names = Names::default().with("wiki.internal", &[&["127.0.0.1"]]);
    let page = get(&fetcher_with(names), &site.url_at("wiki.internal", "/page")).await;
    assert_eq!(page.unwrap().body, "hello");
}

#[tokio::test]
async fn a_name_that_does_not_exist_may_exist_later() {
    let error = get(&fetcher_with(Names::default()), "http://nowhere.example/").await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), "unavailable");
    assert!(error.to_string().contains("no such name"), "{error}");
}
