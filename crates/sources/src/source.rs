//! What users paste to name a source.

use reqwest::Url;
use tidewire_domain::SourceKind;

use crate::{
    SourceError,
    fetch::{parse_url, shown},
};

/// What `pasted` names: a playlist's address or id, or a page.
///
/// Whether an address is a feed only its content tells: see
/// [`Reader::recognise`](crate::Reader::recognise). [`SourceError::Invalid`] says what else to paste.
pub fn parse_source(pasted: &str) -> Result<SourceKind, SourceError> {
    let pasted = pasted.trim();
    if is_playlist_id(pasted) {
        return playlist(pasted);
    }
    let mut url = address(pasted)?;
    if is_youtube(&url) {
        return youtube(&url);
    }
    url.set_fragment(None);
    Ok(SourceKind::WebPage {
        url: url.to_string(),
    })
}

/// The web address in `pasted`; people leave the scheme out, as browsers do.
fn address(pasted: &str) -> Result<Url, SourceError> {
    let with_scheme = match pasted.split_once(':') {
        // What stands before the port of a host looks like a scheme.
        Some((before, _)) if !before.contains(['.', '/']) => parse_url(pasted)?,
        _ if pasted.contains('.') => parse_url(&format!("https://{pasted}"))?,
        _ => parse_url(pasted)?,
    };
    let has_credentials = !with_scheme.username().is_empty() || with_scheme.password().is_some();
    let why = match with_scheme.scheme() {
        "http" | "https" if !has_credentials => return Ok(with_scheme),
        "http" | "https" => "holds a user name or password: give the address without it",
        _ => "cannot be read: give an address that begins with https://",
    };
    Err(SourceError::Invalid(format!(
        "{} {why}",
        shown(&with_scheme)
    )))
}

fn is_youtube(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    matches!(host, "youtube.com" | "youtu.be" | "youtube-nocookie.com")
        || host.ends_with(".youtube.com")
}

fn youtube(url: &Url) -> Result<SourceKind, SourceError> {
    let list = url
        .query_pairs()
        .find_map(|(name, value)| (name == "list").then(|| value.into_owned()));
    if let Some(list) = list {
        return playlist(&list);
    }
    // A channel has a feed of its newest videos, without what is said in them.
    Err(SourceError::Invalid(
        "this YouTube address names no playlist: paste one with list=… in it; the uploads of a \
         channel are a playlist too, whose id is the channel's with UU in the place of UC"
            .into(),
    ))
}

fn playlist(id: &str) -> Result<SourceKind, SourceError> {
    let why = match id {
        "WL" | "LL" | "LM" => "belongs to a signed-in account, and YouTube shows it to nobody else",
        _ if id.starts_with("RD") => {
            "is a mix, which YouTube makes anew for everybody who opens it"
        }
        _ if !is_playlist_id(id) => "is not the id of a playlist",
        _ => {
            return Ok(SourceKind::YoutubePlaylist {
                playlist_id: id.to_owned(),
            });
        }
    };
    Err(SourceError::Invalid(format!(
        "{:?} {why}: make a playlist that is public or unlisted, and paste its address",
        id.chars().take(100).collect::<String>()
    )))
}

/// Ids are made of the letters of base64url, and tell their kind by how they begin.
fn is_playlist_id(text: &str) -> bool {
    let known = ["PL", "UU", "OL", "FL", "RD"];
    (12..=100).contains(&text.len())
        && known.iter().any(|kind| text.starts_with(kind))
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "PL590L5WQmH8fJ54F369BLDSqIwcs-TCfs";

    #[test]
    fn a_playlist_is_known_by_its_address_or_its_id() {
        for pasted in [
            ID.to_owned(),
            format!("https://www.youtube.com/playlist?list={ID}"),
            format!("  https://youtube.com/playlist?list={ID}&si=tracking \n"),
            format!("https://www.youtube.com/watch?v=dQw4w9WgXcQ&list={ID}&index=3"),
            format!("https://m.youtube.com/playlist?list={ID}"),
            format!("https://music.youtube.com/playlist?list={ID}"),
            format!("https://youtu.be/dQw4w9WgXcQ?list={ID}"),
            format!("www.youtube.com/playlist?list={ID}"),
        ] {
            assert_eq!(
                parse_source(&pasted).unwrap(),
                SourceKind::YoutubePlaylist {
                    playlist_id: ID.into()
                },
                "{pasted}"
            );
        }
    }

    #[test]
    fn a_youtube_address_that_is_no_playlist_is_refused_with_the_way_out() {
        for (pasted, why) in [
            ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "list="),
            ("https://www.youtube.com/@somebody", "UU"),
            ("https://www.youtube.com/playlist?list=WL", "signed-in"),
            (
                "https://www.youtube.com/watch?v=x&list=RDdQw4w9WgXcQ",
                "is a mix",
            ),
            (
                "https://www.youtube.com/playlist?list=../x",
                "is not the id",
            ),
            ("https://www.youtube.com/playlist?list=", "is not the id"),
        ] {
            let error = parse_source(pasted).unwrap_err();
            assert_eq!(error.code(), "invalid");
            assert!(error.to_string().contains(why), "{pasted}: {error}");
        }
    }

    #[test]
    fn other_addresses_are_pages() {
        for (pasted, url) in [
            ("https://example.com", "https://example.com/"),
            ("example.com/docs", "https://example.com/docs"),
            ("example.com:8443/docs", "https://example.com:8443/docs"),
            (
                "example.com/a?to=https://b.example/",
                "https://example.com/a?to=https://b.example/",
            ),
            ("HTTP://Example.com/A#part", "http://example.com/A"),
            (
                "https://notyoutube.com/playlist?list=PL",
                "https://notyoutube.com/playlist?list=PL",
            ),
        ] {
            assert_eq!(
                parse_source(pasted).unwrap(),
                SourceKind::WebPage { url: url.into() }
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for pasted in [
            "",
            "hello",
            "ftp://example.com/file",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "mailto:a@example.com",
            "a@example.com",
            "https://me:secret@example.com/",
            "https://:secret@example.com/",
        ] {
            let error = parse_source(pasted).unwrap_err();
            assert_eq!(error.code(), "invalid", "{pasted}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_source_or_a_clear_error(pasted in ".{0,80}") {
            match parse_source(&pasted) {
                Ok(SourceKind::WebPage { url }) => {
                    // What was accepted once is accepted again, as the same.
                    let again = parse_source(&url).unwrap();
                    prop_assert_eq!(again, SourceKind::WebPage { url });
                }
                Ok(_) => {}
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}
