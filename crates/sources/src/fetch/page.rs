//! What came back: a page, or the reason why there is none.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::{
    Response, StatusCode, Url,
    header::{
        CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
        LAST_MODIFIED, RETRY_AFTER,
    },
};
use serde::{Deserialize, Serialize};

use super::shown;
use crate::SourceError;

/// The longest wait that a server is believed to mean.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// What tells whether something changed since it was read last, as its server said it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The `Last-Modified` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Validators {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Self {
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
        }
    }

    /// The headers that make a request conditional.
    pub(super) fn headers(&self) -> HeaderMap {
        let pairs = [
            (IF_NONE_MATCH, &self.etag),
            (IF_MODIFIED_SINCE, &self.last_modified),
        ];
        pairs
            .into_iter()
            .filter_map(|(name, text)| {
                let value = HeaderValue::from_str(text.as_ref()?).ok()?;
                Some((name, value))
            })
            .collect()
    }
}

/// What a request brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It is as it was when the [`Validators`] were made.
    NotModified,
    /// It is here.
    Page(Page),
}

/// A document from the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it was in the end, after redirects.
    pub url: String,
    /// Its media type without parameters, in lower case; `application/octet-stream` where the
    /// server named none.
    pub media_type: String,
    /// The `charset` parameter of the media type, in lower case.
    pub charset: Option<String>,
    /// What to send the next time.
    pub validators: Validators,
    /// The bytes, decompressed; at least one.
    pub body: Bytes,
}

impl Page {
    /// Its address as messages show it.
    pub(crate) fn shown(&self) -> String {
        Url::parse(&self.url).map_or_else(|_| String::new(), |url| shown(&url))
    }

    pub(super) fn new(url: &Url, headers: &HeaderMap, body: Bytes) -> Self {
        let (media_type, charset) = media_type(headers);
        Self {
            url: url.to_string(),
            media_type,
            charset,
            validators: Validators::of(headers),
            body,
        }
    }
}

fn media_type(headers: &HeaderMap) -> (String, Option<String>) {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let essence = match parts.next() {
        None | Some("") => "application/octet-stream",
        Some(essence) => essence,
    };
    let charset = parts
        .find_map(|parameter| parameter.strip_prefix("charset="))
        .map(|charset| charset.trim_matches('"').to_owned());
    (essence.to_owned(), charset)
}

/// The error that a status stands for; none for 2xx.
pub(super) fn error_of(url: &Url, response: &Response) -> Option<SourceError> {
    let status = response.status();
    let (url, host) = (shown(url), url.host_str().unwrap_or_default().to_owned());
    let retry_after = retry_after(response.headers());
    let error = match status.as_u16() {
        200..=299 => return None,
        404 | 410 => SourceError::Gone {
            url,
            status: status.as_u16(),
        },
        429 => SourceError::Throttled { host, retry_after },
        503 if retry_after.is_some() => SourceError::Throttled { host, retry_after },
        408 | 425 | 500.. => {
            SourceError::Unavailable(format!("{url} answered with status {status}"))
        }
        401 | 402 | 403 | 407 | 451 => SourceError::Denied(format!(
            "{url} is not given to us (status {status}): it may need a sign-in, which a source cannot do"
        )),
        _ => SourceError::Malformed(format!("{url} answered with status {status}")),
    };
    Some(error)
}

/// Where a redirect leads; none for what is no redirect.
pub(super) fn redirect_target(url: &Url, response: &Response) -> Result<Option<Url>, SourceError> {
    if !matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    ) {
        return Ok(None);
    }
    response
        .headers()
        .get(reqwest::header::LOCATION)
        .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
        .and_then(|location| url.join(location).ok())
        .map(Some)
        .ok_or_else(|| SourceError::Malformed(format!("{} redirects to no address", shown(url))))
}

/// How long `Retry-After` asks to wait: seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => until(text, Timestamp::now())?,
    };
    Some(wait.min(LONGEST_WAIT))
}

fn until(date: &str, now: Timestamp) -> Option<Duration> {
    let date = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    // A date that is past asks for no wait.
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn media_types_are_read_without_their_parameters() {
        for (header, essence, charset) in [
            ("text/html", "text/html", None),
            ("Text/HTML; Charset=UTF-8", "text/html", Some("utf-8")),
            (
                "text/xml;charset=\"iso-8859-1\"; q=1",
                "text/xml",
                Some("iso-8859-1"),
            ),
            ("", "application/octet-stream", None),
        ] {
            let read = media_type(&headers(CONTENT_TYPE, header));
            assert_eq!(read, (essence.to_owned(), charset.map(str::to_owned)));
        }
    }

    #[test]
    fn a_wait_is_said_in_seconds_or_by_a_date() {
        let wait = |text| retry_after(&headers(RETRY_AFTER, text));
        assert_eq!(wait("120"), Some(Duration::from_mins(2)));
        assert_eq!(wait("99999999999"), Some(LONGEST_WAIT));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let now = "2015-10-21T07:27:00Z".parse().unwrap();
        assert_eq!(
            until("Wed, 21 Oct 2015 07:28:00 GMT", now),
            Some(Duration::from_mins(1))
        );
    }
}
