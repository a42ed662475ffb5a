//! URLs as users write them, and as they are shown.

use reqwest::Url;

use crate::SourceError;

/// The URL in a text.
pub(crate) fn parse_url(text: &str) -> Result<Url, SourceError> {
    let url = Url::parse(text.trim()).map_err(|error| {
        SourceError::Invalid(format!(
            "{:?} is not a web address: {error}",
            text.chars().take(200).collect::<String>()
        ))
    })?;
    if url.has_host() {
        Ok(url)
    } else {
        Err(SourceError::Invalid(format!(
            "{} is not a web address: it begins with neither http:// nor https://",
            shown(&url)
        )))
    }
}

/// How a URL is shown: without credentials, and without its query, which may hold a token.
pub(crate) fn shown(url: &Url) -> String {
    let mut plain = url.clone();
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    plain.set_query(None);
    plain.set_fragment(None);
    plain.to_string()
}
