//! Links of the documentation lead somewhere.

use std::{collections::HashMap, path::Path};

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::project::{files, root};

/// What a page links to, and what can be linked to in it.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    anchors: Vec<String>,
}

fn read(markdown: &str) -> Page {
    let mut page = Page::default();
    let mut heading: Option<String> = None;
    let mut seen: HashMap<String, u32> = HashMap::new();
    for event in Parser::new_ext(markdown, pulldown_cmark::Options::all()) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.into_string());
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let anchor = anchor_of(&heading.take().unwrap_or_default());
                let times = seen.entry(anchor.clone()).or_default();
                page.anchors.push(match *times {
                    0 => anchor,
                    times => format!("{anchor}-{times}"),
                });
                *times += 1;
            }
            _ => {}
        }
    }
    page
}

/// The anchor that GitHub gives a heading.
fn anchor_of(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let lower = heading.trim().to_lowercase();
    lower
        .chars()
        .filter(kept)
        .collect::<String>()
        .replace(' ', "-")
}

/// Why the link leads nowhere.
fn fault(page: &str, link: &str, pages: &HashMap<String, Page>) -> Option<String> {
    let elsewhere = ["http://", "https://", "mailto:"];
    if elsewhere.iter().any(|scheme| link.starts_with(scheme)) {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() {
        page.to_owned()
    } else {
        let dir = Path::new(page).parent().unwrap_or(Path::new(""));
        let target = root().join(dir).join(path);
        let Ok(target) = target.canonicalize() else {
            return Some(format!("{page}: there is no {path}"));
        };
        let project = root().canonicalize().expect("the project is there");
        let Ok(target) = target.strip_prefix(project) else {
            return Some(format!("{page}: {path} is outside of the project"));
        };
        target.display().to_string()
    };
    let known = |page: &Page| page.anchors.iter().any(|known| known == anchor);
    match pages.get(&target) {
        Some(page) if !anchor.is_empty() && !known(page) => {
            Some(format!("{target} has no heading #{anchor}"))
        }
        _ => None,
    }
}

#[test]
fn links_within_the_documentation_lead_somewhere() {
    let pages: HashMap<String, Page> = files(&["md"])
        .into_iter()
        // What tests stream as an answer, or search in, is no documentation.
        .filter(|file| !file.path.contains("/src/") && !file.path.contains("/tests/"))
        .map(|file| (file.path, read(&file.text)))
        .collect();
    assert!(pages.contains_key("README.md"));
    let mut faults = Vec::new();
    for (path, page) in &pages {
        faults.extend(
            page.links
                .iter()
                .filter_map(|link| fault(path, link, &pages)),
        );
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_link_to_nowhere_is_found() {
    let page = read("# The tide\n\n# The tide\n\n## `code` & more, *too*\n\n[x](#a)");
    assert_eq!(page.anchors, ["the-tide", "the-tide-1", "code--more-too"]);
    assert_eq!(page.links, ["#a"]);
    let pages = HashMap::from([("README.md".to_owned(), page)]);
    for (link, leads) in [
        ("#the-tide-1", true),
        ("#a", false),
        ("docs", true),
        ("docs/NOTHING.md", false),
        ("../", false),
        ("https://example.com/nothing", true),
    ] {
        assert_eq!(fault("README.md", link, &pages).is_none(), leads, "{link}");
    }
}
