//! The signature itself.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts, uri::Scheme};
use jiff::{Timestamp, tz::TimeZone};

use crate::{Error, PayloadHash, SignedHeaders, canonical};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Signs requests with AWS Signature Version 4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    region: String,
    service: String,
    signed_headers: SignedHeaders,
}

impl Signer {
    /// For function URLs in this region, such as `eu-west-1`, signing the headers that CloudFront signs.
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            service: "lambda".to_owned(),
            signed_headers: SignedHeaders::default(),
        }
    }

    /// For another service than `lambda`. Not for S3, which encodes paths otherwise.
    pub fn with_service(self, service: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            ..self
        }
    }

    /// Signing other headers.
    pub fn with_signed_headers(self, signed_headers: SignedHeaders) -> Self {
        Self {
            signed_headers,
            ..self
        }
    }

    /// The region that is signed for.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Signs the request of which `parts` is the head and `payload` the hash of the body.
    ///
    /// Method, path and query are taken as they stand, and have to be sent so. Sets `x-amz-date`,
    /// `x-amz-content-sha256`, `x-amz-security-token` and `Authorization`, in place of any that are
    /// there, and `Host` from the URI where it is missing. On an error the request is unchanged.
    pub fn sign(
        &self,
        parts: &mut Parts,
        payload: &PayloadHash,
        credentials: &Credentials,
        time: SystemTime,
    ) -> Result<(), Error> {
        let date_time = date_time(time)?;
        let mut headers = parts.headers.clone();
        set_host(&mut headers, parts)?;
        let date = HeaderValue::from_str(&date_time).map_err(|_| Error::InvalidTime)?;
        headers.insert(AMZ_DATE, date);
        let hash =
            HeaderValue::from_str(payload.as_str()).map_err(|_| Error::InvalidPayloadHash)?;
        headers.insert(AMZ_CONTENT_SHA256, hash);
        headers.remove(AMZ_SECURITY_TOKEN);
        if let Some(token) = credentials.session_token() {
            headers.insert(AMZ_SECURITY_TOKEN, secret(token)?);
        }
        let authorization = self.authorization(parts, &headers, payload, credentials, time)?;
        headers.insert(header::AUTHORIZATION, secret(&authorization)?);
        parts.headers = headers;
        Ok(())
    }

    fn authorization(
        &self,
        parts: &Parts,
        headers: &HeaderMap,
        payload: &PayloadHash,
        credentials: &Credentials,
        time: SystemTime,
    ) -> Result<String, Error> {
        let date_time = date_time(time)?;
        let headers = canonical::headers(headers, &self.signed_headers)?;
        let canonical_request = format!(
            "{}\n{}\n{}\n{}\n{}\n{payload}",
            parts.method,
            canonical::path(parts.uri.path()),
            canonical::query(parts.uri.query().unwrap_or_default()),
            headers.lines,
            headers.names,
        );
        let scope = format!(
            "{}/{}/{}/aws4_request",
            &date_time[..8],
            self.region,
            self.service
        );
        let hash = PayloadHash::of(canonical_request.as_bytes());
        let string_to_sign = format!("{ALGORITHM}\n{date_time}\n{scope}\n{hash}");
        let secret = credentials.secret_access_key();
        let key = generate_signing_key(secret, time, &self.region, &self.service);
        let signature = calculate_signature(key, string_to_sign.as_bytes());
        let id = credentials.access_key_id();
        let names = headers.names;
        Ok(format!(
            "{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
        ))
    }
}

/// Such as `20150830T123600Z`.
fn date_time(time: SystemTime) -> Result<String, Error> {
    let time = Timestamp::try_from(time).map_err(|_| Error::InvalidTime)?;
    let text = time
        .to_zoned(TimeZone::UTC)
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string();
    if text.len() == 16 {
        Ok(text)
    } else {
        Err(Error::InvalidTime)
    }
}

fn set_host(headers: &mut HeaderMap, parts: &Parts) -> Result<(), Error> {
    if headers.contains_key(header::HOST) {
        return Ok(());
    }
    let uri = &parts.uri;
    let host = uri.host().ok_or(Error::MissingHost)?;
    let default = if uri.scheme() == Some(&Scheme::HTTP) {
        80
    } else {
        443
    };
    // As HTTP clients send it: without the port that goes without saying.
    let host = match uri.port_u16() {
        Some(port) if port != default => format!("{host}:{port}"),
        _ => host.to_owned(),
    };
    let host = HeaderValue::from_str(&host).map_err(|_| Error::MissingHost)?;
    headers.insert(header::HOST, host);
    Ok(())
}

fn secret(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text).map_err(|_| Error::InvalidCredentials)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use aws_sigv4::http_request::{
        PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
    };
    use aws_sigv4::sign::v4::SigningParams;
    use http::Request;
    use proptest::prelude::*;

    use super::*;
    use crate::wire_form;

    const HOST: &str = "abc.lambda-url.eu-west-1.on.aws";

    fn time() -> SystemTime {
        UNIX_EPOCH + Duration::from_mins(24_015_636)
    }

    fn credentials() -> Credentials {
        Credentials::from_keys("AKIDEXAMPLE", "secret", Some("token".into()))
    }

    fn parts(uri: &str) -> Parts {
        Request::post(uri).body(()).unwrap().into_parts().0
    }

    fn sign_ours(parts: &mut Parts) -> Result<(), Error> {
        let hash = PayloadHash::of(b"body");
        Signer::new("eu-west-1").sign(parts, &hash, &credentials(), time())
    }

    #[test]
    fn what_was_there_is_replaced() {
        let mut parts = parts("/");
        for name in [
            "host",
            "authorization",
            "x-amz-date",
            "x-amz-content-sha256",
            "x-amz-security-token",
        ] {
            let name = HeaderName::from_static(name);
            parts
                .headers
                .append(name.clone(), HeaderValue::from_static("a"));
            if name != header::HOST {
                parts.headers.append(name, HeaderValue::from_static("b"));
            }
        }
        sign_ours(&mut parts).unwrap();
        assert_eq!(parts.headers.len(), 5);
        assert_eq!(parts.headers["host"], "a");
        assert_eq!(parts.headers["x-amz-date"], "20150830T123600Z");
        assert_eq!(parts.headers["x-amz-security-token"], "token");
        assert!(parts.headers["authorization"].is_sensitive());
        assert!(parts.headers["x-amz-security-token"].is_sensitive());
    }

    #[test]
    fn without_a_token_none_is_left() {
        let mut parts = parts(&format!("https://{HOST}/"));
        parts
            .headers
            .insert(AMZ_SECURITY_TOKEN, HeaderValue::from_static("old"));
        let credentials = Credentials::from_keys("AKIDEXAMPLE", "secret", None);
        let signer = Signer::new("eu-west-1");
        let hash = PayloadHash::of(b"");
        signer
            .sign(&mut parts, &hash, &credentials, time())
            .unwrap();
        assert!(!parts.headers.contains_key(AMZ_SECURITY_TOKEN));
    }

    #[test]
    fn the_host_is_taken_from_the_uri_as_clients_send_it() {
        for (uri, host) in [
            ("https://a.example/", "a.example"),
            ("https://a.example:443/", "a.example"),
            ("http://a.example:80/", "a.example"),
            ("http://a.example:443/", "a.example:443"),
            ("http://[::1]:8080/", "[::1]:8080"),
        ] {
            let mut parts = parts(uri);
            sign_ours(&mut parts).unwrap();
            assert_eq!(parts.headers["host"], host, "{uri}");
        }
    }

    #[test]
    fn a_request_that_cannot_be_signed_is_unchanged() {
        let mut nowhere = parts("/");
        let refused = sign_ours(&mut nowhere);
        assert!(matches!(refused, Err(Error::MissingHost)));
        assert!(nowhere.headers.is_empty());

        let mut parts = parts(&format!("https://{HOST}/"));
        let hash = PayloadHash::of(b"");
        let signer = Signer::new("eu-west-1");
        let broken = Credentials::from_keys("AKIDEXAMPLE", "secret", Some("a\nb".into()));
        let refused = signer.sign(&mut parts, &hash, &broken, time());
        assert!(matches!(refused, Err(Error::InvalidCredentials)));
        let too_late = time() + Duration::from_secs(400_000_000_000);
        let refused = signer.sign(&mut parts, &hash, &credentials(), too_late);
        assert!(matches!(refused, Err(Error::InvalidTime)));
        assert!(parts.headers.is_empty());
    }

    /// What `aws_sigv4` itself makes of a request.
    fn sign_theirs(uri: &str) -> String {
        let identity = credentials().into();
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name("lambda")
            .time(time())
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let headers = [("host", HOST)].into_iter();
        let body = SignableBody::Bytes(b"body");
        let request = SignableRequest::new("POST", uri, headers, body).unwrap();
        let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
        let (_, value) = instructions
            .headers()
            .find(|(name, _)| *name == "authorization")
            .unwrap();
        value.to_owned()
    }

    proptest! {
        /// In the wire form a query is read alike by who takes it as it is and by who decodes it.
        #[test]
        fn in_the_wire_form_the_aws_sdk_signs_the_same(
            path in "(/(a|\\.\\.|\\.|b%2Fc|:|ä|\\+|%20|)){0,5}/z",
            query in "([a-c=&+/:,~?@ä]|%2B|%20|%7e|%C3%A4|%26){0,16}",
        ) {
            let target = wire_form(&format!("{path}?{query}").parse().unwrap());
            let uri = format!("https://{HOST}{target}");
            let mut parts = parts(&uri);
            sign_ours(&mut parts).unwrap();
            prop_assert_eq!(parts.headers["authorization"].to_str().unwrap(), sign_theirs(&uri));
        }
    }
}
