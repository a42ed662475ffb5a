//! The function URL that requests go to.

use http::{
    HeaderValue, Uri,
    uri::{PathAndQuery, Scheme},
};

use super::gate::is_loopback;

/// A function URL and its region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionUrl {
    /// With a scheme and an authority, and `/` as its path.
    uri: Uri,
    host: HeaderValue,
    region: String,
}

/// What the URL must be like.
#[derive(Debug, thiserror::Error)]
#[error("{url} {problem}")]
pub struct InvalidUrl {
    url: String,
    problem: &'static str,
}

impl FunctionUrl {
    /// Reads such as `https://ID.lambda-url.REGION.on.aws`. `region` goes before the one in the name,
    /// and is needed where the name has none. Plain HTTP goes no further than this machine.
    pub fn parse(url: &str, region: Option<&str>) -> Result<Self, InvalidUrl> {
        let fault = |problem| InvalidUrl {
            url: url.to_owned(),
            problem,
        };
        let uri: Uri = url.parse().map_err(|_| fault("is no URL"))?;
        let (Some(scheme), Some(host)) = (uri.scheme(), uri.host()) else {
            return Err(fault("must begin with https://"));
        };
        if *scheme != Scheme::HTTPS && !(*scheme == Scheme::HTTP && is_loopback(host)) {
            return Err(fault(
                "must begin with https://: plain http:// goes to this machine alone",
            ));
        }
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err(fault("must hold no user and no password"));
        }
        if uri.path() != "/" || uri.query().is_some() {
            return Err(fault("must have no path and no query"));
        }
        let region = match region.or_else(|| region_of(host)) {
            Some(region) if is_region(region) => region.to_owned(),
            Some(_) => {
                return Err(fault(
                    "cannot be in that region: a region is such as eu-west-1",
                ));
            }
            None => return Err(fault("names no region: give it with --region")),
        };
        // As HTTP clients send it, and as Lambda checks it.
        let default_port = if *scheme == Scheme::HTTPS {
            ":443"
        } else {
            ":80"
        };
        let host = authority.strip_suffix(default_port).unwrap_or(authority);
        let host = HeaderValue::from_str(host).map_err(|_| fault("is no URL"))?;
        Ok(Self { uri, host, region })
    }

    /// Such as `eu-west-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// What `Host` says.
    pub(super) fn host(&self) -> HeaderValue {
        self.host.clone()
    }

    pub(super) fn is_tls(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }

    /// The URI of a path and query there.
    pub(super) fn at(&self, target: PathAndQuery) -> Uri {
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = Some(target);
        Uri::from_parts(parts).expect("a URI stays one with another path")
    }
}

/// With its scheme, without its path.
impl std::fmt::Display for FunctionUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.is_tls() { "https" } else { "http" };
        let authority = self
            .uri
            .authority()
            .map_or("", |authority| authority.as_str());
        write!(f, "{scheme}://{authority}")
    }
}

/// The region in `ID.lambda-url.REGION.on.aws`, and in the names of other partitions.
fn region_of(host: &str) -> Option<&str> {
    let mut labels = host.split('.');
    let (_, service, region) = (labels.next()?, labels.next()?, labels.next()?);
    (service == "lambda-url" && labels.next() == Some("on")).then_some(region)
}

fn is_region(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://abc.lambda-url.eu-west-1.on.aws";

    #[test]
    fn the_region_is_read_from_the_name_or_given() {
        for (url, given, region) in [
            (URL, None, "eu-west-1"),
            (
                "https://abc.lambda-url.us-gov-west-1.on.aws/",
                None,
                "us-gov-west-1",
            ),
            (URL, Some("us-east-1"), "us-east-1"),
            ("http://127.0.0.1:8080", Some("us-east-1"), "us-east-1"),
            ("http://[::1]:8080/", Some("us-east-1"), "us-east-1"),
            ("https://chat.example", Some("us-east-1"), "us-east-1"),
        ] {
            let read = FunctionUrl::parse(url, given).unwrap();
            assert_eq!(read.region(), region, "{url}");
            assert_eq!(read.to_string(), url.trim_end_matches('/'));
        }
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        for (url, region, told) in [
            ("", None, "is no URL"),
            (
                "abc.lambda-url.eu-west-1.on.aws",
                None,
                "must begin with https://",
            ),
            (
                "http://abc.lambda-url.eu-west-1.on.aws",
                None,
                "plain http://",
            ),
            (
                "ftp://localhost",
                Some("eu-west-1"),
                "must begin with https://",
            ),
            (
                "https://a:b@abc.lambda-url.eu-west-1.on.aws",
                None,
                "no password",
            ),
            (
                "https://abc.lambda-url.eu-west-1.on.aws/v1",
                None,
                "no path",
            ),
            (
                "https://abc.lambda-url.eu-west-1.on.aws/?a",
                None,
                "no query",
            ),
            ("http://127.0.0.1:8080", None, "--region"),
            ("https://lambda-url.eu-west-1.on.aws", None, "--region"),
            (URL, Some("Europe"), "such as eu-west-1"),
            (URL, Some(""), "such as eu-west-1"),
        ] {
            let error = FunctionUrl::parse(url, region).unwrap_err().to_string();
            assert!(error.contains(told), "{url}: {error}");
        }
    }

    #[test]
    fn requests_go_to_it_under_its_own_name() {
        for (url, host) in [
            (URL, "abc.lambda-url.eu-west-1.on.aws"),
            ("https://chat.example:443", "chat.example"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ] {
            let url = FunctionUrl::parse(url, Some("eu-west-1")).unwrap();
            assert_eq!(url.host(), host);
        }
        let url = FunctionUrl::parse(URL, None).unwrap();
        let target = "//a/../b?c=%2F".parse().unwrap();
        assert_eq!(url.at(target).to_string(), format!("{URL}//a/../b?c=%2F"));
    }
}
