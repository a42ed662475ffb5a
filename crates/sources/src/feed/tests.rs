use std::fmt::Write;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::Validators;

fn page(body: impl Into<Bytes>) -> Page {
    Page {
        url: "https://example.com/feeds/all?token=secret".into(),
        media_type: "application/xml".into(),
        charset: None,
        validators: Validators::default(),
        body: body.into(),
    }
}

fn entries(body: &str) -> Vec<Entry> {
    parse(&page(body.to_owned())).unwrap().entries
}

fn keys(body: &str) -> Vec<String> {
    let keys = entries(body).into_iter().map(|entry| entry.listed.key);
    keys.collect()
}

/// What would be ingested, or where it would be read.
fn content(entry: &Entry) -> (&str, &str) {
    match &entry.content {
        Content::Here(document) => (
            document.media_type.as_str(),
            std::str::from_utf8(&document.bytes).unwrap(),
        ),
        Content::Page(url) => ("page", url),
        other => panic!("{other:?}"),
    }
}

fn rss(items: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title><link>https://example.com/</link><description>All</description>{items}</channel></rss>"#
    )
}

fn atom(entries: &str) -> String {
    format!(
        r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><id>urn:feed</id><title>News</title><updated>2026-01-01T00:00:00Z</updated>{entries}</feed>"#
    )
}

#[test]
fn rss_2_is_read() {
    let entries = entries(&rss(
        "<item><guid isPermaLink=\"false\">item-1</guid><title>One &amp; only</title>\
         <link>https://example.com/1</link><pubDate>Tue, 06 Jan 2026 10:00:00 GMT</pubDate>\
         <description>short</description>\
         <content:encoded><![CDATA[<p>Whole</p>]]></content:encoded></item>\
         <item><guid>item-2</guid><link>https://example.com/2</link>\
         <description>only a summary</description></item>",
    ));
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].listed.key, "item-1");
    assert_eq!(entries[0].title.as_deref(), Some("One & only"));
    assert_eq!(entries[0].url.as_deref(), Some("https://example.com/1"));
    let published = entries[0].published.unwrap().to_string();
    assert_eq!(published, "2026-01-06T10:00:00.000Z");
    assert_eq!(content(&entries[0]), ("text/html", "<p>Whole</p>"));
    assert_eq!(content(&entries[1]), ("page", "https://example.com/2"));
}

#[test]
fn rss_1_is_read() {
    let entries = entries(
        r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
        <channel rdf:about="https://example.com/"><title>News</title><link>https://example.com/</link><description>All</description></channel>
        <item rdf:about="https://example.com/1"><title>One</title><link>https://example.com/1</link><description>short</description></item></rdf:RDF>"#,
    );
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].listed.key, "https://example.com/1");
    assert_eq!(content(&entries[0]), ("page", "https://example.com/1"));
}

#[test]
fn atom_is_read() {
    let entries = entries(&atom(
        r#"<entry><id>urn:1</id><title>One</title><updated>2026-01-02T00:00:00Z</updated>
        <link rel="replies" href="https://example.com/1/comments"/><link href="/1"/>
        <content type="html">&lt;p&gt;Whole&lt;/p&gt;</content></entry>
        <entry><id>urn:2</id><title>Two</title><updated>2026-01-02T00:00:00Z</updated>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Whole</p></div></content></entry>
        <entry><id>urn:3</id><title>Three</title><updated>2026-01-02T00:00:00Z</updated>
        <content>plain</content></entry>"#,
    ));
    let keys: Vec<_> = entries.iter().map(|entry| &entry.listed.key).collect();
    assert_eq!(keys, ["urn:1", "urn:2", "urn:3"]);
    assert_eq!(entries[0].url.as_deref(), Some("https://example.com/1"));
    assert_eq!(content(&entries[0]), ("text/html", "<p>Whole</p>"));
    assert_eq!(content(&entries[1]), ("text/html", "<p>Whole</p>"));
    assert_eq!(content(&entries[2]), ("text/plain", "plain"));
}

#[test]
fn json_feed_is_read() {
    let entries = entries(
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"News","items":[
        {"id":"1","url":"https://example.com/1","title":"One","content_html":"<p>Whole</p>"},
        {"id":"2","url":"https://example.com/2","content_text":"plain"}]}"#,
    );
    assert_eq!(content(&entries[0]), ("text/html", "<p>Whole</p>"));
    assert_eq!(content(&entries[1]), ("text/plain", "plain"));
    assert_eq!(entries[1].listed.key, "2");
}

#[test]
fn an_item_without_an_id_is_named_by_its_link_or_its_content() {
    let body = rss(
        "<item><title>Old title</title><link>https://example.com/1</link></item>\
         <item><description>nothing but this</description></item>",
    );
    let first = keys(&body);
    assert_eq!(first[0], "https://example.com/1");
    assert_eq!(first, keys(&body), "the same each time");
    let renamed = keys(&body.replace("Old title", "New title"));
    assert_eq!(first[0], renamed[0]);
}

#[test]
fn what_the_feed_says_of_an_item_tells_whether_it_changed() {
    let fingerprint = |item: &str| entries(&rss(item)).remove(0).listed.fingerprint;
    let item = "<item><guid>1</guid><title>One</title><link>https://example.com/1</link>\
                <description>text</description></item>";
    assert_eq!(fingerprint(item), fingerprint(item));
    for changed in [
        item.replace("One", "Two"),
        item.replace("text", "other text"),
        item.replace("example.com/1", "example.com/2"),
    ] {
        assert_ne!(fingerprint(item), fingerprint(&changed));
    }
}

#[test]
fn entries_that_a_feed_deleted_are_known() {
    let listing = parse(&page(atom(
        r#"<at:deleted-entry ref="urn:old&amp;1" when="2026-01-01T00:00:00Z"/>
        <entry><id>urn:1</id><title>The &lt;deleted-entry ref="urn:2"/&gt;</title></entry>"#,
    )))
    .unwrap();
    let deleted: Vec<_> = listing.deleted.iter().map(String::as_str).collect();
    assert_eq!(deleted, ["urn:old&1"]);
}

#[test]
fn an_item_with_nothing_in_it_is_an_error_of_its_own() {
    let entries = entries(&rss("<item><guid>1</guid><title>One</title></item>\
         <item><guid>2</guid><description>text</description></item>"));
    let Content::Missing(error) = &entries[0].content else {
        panic!("{:?}", entries[0].content);
    };
    assert!(error.to_string().contains("neither content nor a link"));
    assert_eq!(content(&entries[1]), ("text/html", "text"));
}

#[test]
fn what_is_no_feed_is_refused_without_the_query_of_its_address() {
    let unclosed = rss("<item><guid>1</guid>").replace("</channel></rss>", "");
    for body in [
        "hello",
        "<html><body>Hello</body></html>",
        "<rss version=\"2.0\">",
        unclosed.as_str(),
        "<rss version=\"2.0\"><channel><item></channel></rss>",
        "{}",
        "{\"version\":\"https://jsonfeed.org/version/1.1\"",
        "<!-- nothing -->",
    ] {
        let error = parse(&page(body.to_owned())).unwrap_err();
        assert_eq!(error.code(), "malformed", "{body}: {error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn entities_that_multiply_are_not_expanded() {
    let mut definitions = String::from("<!ENTITY lol0 \"lol\">");
    for level in 1..10 {
        let reference = format!("&lol{};", level - 1).repeat(10);
        write!(definitions, "<!ENTITY lol{level} \"{reference}\">").unwrap();
    }
    let bomb = format!(
        "<!DOCTYPE rss [{definitions}]>{}",
        rss("<item><guid>1</guid><title>&lol9;</title><description>&lol9;</description></item>")
            .replace("<?xml version=\"1.0\"?>", "")
    );
    let entries = entries(&bomb);
    assert_eq!(entries[0].title.as_deref(), Some("&lol9;"));
    assert_eq!(content(&entries[0]).1.len(), "&lol9;".len());
}

#[test]
fn files_of_this_machine_are_not_read() {
    let body = format!(
        "<!DOCTYPE rss [<!ENTITY file SYSTEM \"file:///etc/hostname\">]>{}",
        rss("<item><guid>1</guid><description>&file;</description></item>")
            .replace("<?xml version=\"1.0\"?>", "")
    );
    assert_eq!(content(&entries(&body)[0]).1, "&file;");
}

#[test]
fn deep_nesting_breaks_nothing() {
    let depth = 200_000;
    let (open, close) = ("<b>".repeat(depth), "</b>".repeat(depth));
    for body in [
        rss(&format!(
            "<item><guid>1</guid><description>{open}x{close}</description></item>"
        )),
        rss(&format!("{open}{close}")),
        atom(&format!(
            "<entry><id>1</id><content type=\"xhtml\">{open}x{close}</content></entry>"
        )),
        format!(
            "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":{}",
            "[".repeat(depth)
        ),
    ] {
        // Whether it is taken does not matter.
        let _ = parse(&page(body));
    }
}

#[test]
fn a_feed_with_too_many_items_is_refused() {
    let items = "<item><guid>1</guid><description>x</description></item>";
    let error = parse(&page(rss(&items.repeat(MAX_ENTRIES + 1)))).unwrap_err();
    assert_eq!(error.code(), "too_large");
}

#[test]
fn a_feed_is_known_by_its_media_type_or_its_beginning() {
    let typed = |media_type: &str, body: &str| Page {
        media_type: media_type.into(),
        ..page(body.to_owned())
    };
    for feed in [
        typed("application/rss+xml", "broken"),
        typed("text/xml", &rss("")),
        typed("text/html", &atom("")),
        typed(
            "application/json",
            r#"{"version":"https://jsonfeed.org/version/1"}"#,
        ),
    ] {
        assert!(looks_like_feed(&feed), "{feed:?}");
    }
    for other in [
        typed(
            "text/html",
            "<!doctype html><html><body>&lt;rss <rss </body>",
        ),
        typed("text/plain", "hello"),
        typed("application/xml", "<sitemap/>"),
    ] {
        assert!(!looks_like_feed(&other), "{other:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_feed_or_an_error(bytes: Vec<u8>) {
        let _ = parse(&page(bytes));
    }

    #[test]
    fn a_feed_that_was_cut_or_damaged_breaks_nothing(
        cut in 0_usize..700, at in 0_usize..700, byte: u8,
    ) {
        let mut bytes = atom(
            r#"<at:deleted-entry ref="x"/><entry xml:base="/b"><id>1</id><title type="xhtml"><div>T &amp; t</div></title><link href="a"/><published>2026-01-01T00:00:00Z</published><content type="html"><![CDATA[<p>]]></content><summary>s</summary></entry>"#,
        ).into_bytes();
        bytes.truncate(cut);
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        let _ = parse(&page(bytes));
    }
}
