//! Requests that are signed by this app, and what they permit.
//!
//! `/api/blobs/PRINCIPAL/PATH?expires=SECONDS&type=MEDIA_TYPE&max=BYTES&signature=HEX` is an upload;
//! with `name=FILE_NAME` in the place of `max` it is a download. The signature is HMAC-SHA-256 over
//! all of it, and the method.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;
use tidewire_domain::{BlobKey, BlobPath, DownloadTerms, Timestamp, UploadTerms};

use crate::principal_name;

/// The path that signed requests to this app begin with.
pub const BLOB_ROUTE: &str = "/api/blobs/";

/// Says what is signed, so that a signature of the same secret for something else is none here.
const PURPOSE: &str = "tidewire blob 1";

/// All but what never means anything in a query.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What a signed request permits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// To upload a blob.
    Upload {
        /// The blob.
        key: BlobKey,
        /// What may be uploaded.
        terms: UploadTerms,
    },
    /// To download a blob.
    Download {
        /// The blob.
        key: BlobKey,
        /// How it is handed out.
        terms: DownloadTerms,
    },
}

/// Why a signed request permits nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// It was not signed by this app, or changed since.
    #[error("the link is not valid: ask for a new one")]
    Invalid,
    /// Its time is over.
    #[error("the link has expired: ask for a new one")]
    Expired,
    /// It was signed for another method.
    #[error("the link is for {method} requests")]
    WrongMethod {
        /// The one that it is for.
        method: &'static str,
    },
    /// Another content type is sent than was signed.
    #[error("the link is for files of the type {media_type:?}: send that as Content-Type")]
    WrongMediaType {
        /// The one that it is for.
        media_type: String,
    },
}

impl Grant {
    /// The method of the request.
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Upload { .. } => "PUT",
            Self::Download { .. } => "GET",
        }
    }

    const fn key(&self) -> &BlobKey {
        match self {
            Self::Upload { key, .. } | Self::Download { key, .. } => key,
        }
    }

    /// Content type, and the name and value of the other term.
    fn terms(&self) -> (&str, &'static str, String) {
        match self {
            Self::Upload { terms, .. } => (&terms.media_type, "max", terms.max_bytes.to_string()),
            Self::Download { terms, .. } => (&terms.media_type, "name", terms.file_name.clone()),
        }
    }
}

/// Signs grants, and knows those again that it signed.
#[derive(Clone)]
pub(super) struct GrantSigner {
    mac: Hmac<Sha256>,
}

impl GrantSigner {
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        Self {
            mac: Hmac::new_from_slice(secret).expect("a key of any length will do"),
        }
    }

    /// The URL, without scheme and host.
    pub(super) fn sign(&self, grant: &Grant, expires: i64) -> String {
        let principal = principal_name::encode(&grant.key().principal);
        let (media_type, name, value) = grant.terms();
        let signature = hex::encode(self.mac_of(grant, expires).finalize().into_bytes());
        format!(
            "{BLOB_ROUTE}{principal}/{}?expires={expires}&type={}&{name}={}&signature={signature}",
            grant.key().path,
            utf8_percent_encode(media_type, VALUE),
            utf8_percent_encode(&value, VALUE),
        )
    }

    /// What the request permits.
    pub(super) fn verify(
        &self,
        method: &str,
        path_and_query: &str,
        content_type: Option<&str>,
        now: Timestamp,
    ) -> Result<Grant, GrantError> {
        let Some(claim) = Claim::read(path_and_query) else {
            return Err(GrantError::Invalid);
        };
        let Claim {
            grant,
            expires,
            signature,
        } = claim;
        // Takes as long wherever it differs.
        self.mac_of(&grant, expires)
            .verify_slice(&signature)
            .map_err(|_| GrantError::Invalid)?;
        if now.as_millis() >= expires.saturating_mul(1000) {
            return Err(GrantError::Expired);
        }
        if method != grant.method() {
            return Err(GrantError::WrongMethod {
                method: grant.method(),
            });
        }
        match &grant {
            Grant::Upload { terms, .. } if content_type != Some(terms.media_type.as_str()) => {
                Err(GrantError::WrongMediaType {
                    media_type: terms.media_type.clone(),
                })
            }
            _ => Ok(grant),
        }
    }

    fn mac_of(&self, grant: &Grant, expires: i64) -> Hmac<Sha256> {
        let (media_type, name, value) = grant.terms();
        let mut mac = self.mac.clone();
        for field in [
            PURPOSE,
            grant.method(),
            grant.key().principal.as_str(),
            grant.key().path.as_str(),
            &expires.to_string(),
            media_type,
            name,
            &value,
        ] {
            // With its length, so that no two lists of fields are the same bytes.
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field.as_bytes());
        }
        mac
    }
}

/// What a request says that it may.
struct Claim {
    grant: Grant,
    expires: i64,
    signature: Vec<u8>,
}

impl Claim {
    fn read(path_and_query: &str) -> Option<Self> {
        let (path, query) = path_and_query.split_once('?')?;
        let (principal, path) = path.strip_prefix(BLOB_ROUTE)?.split_once('/')?;
        let key = BlobKey {
            principal: principal_name::decode(principal)?,
            path: path.parse::<BlobPath>().ok()?,
        };
        let (mut expires, mut media_type, mut signature) = (None, None, None);
        let (mut max, mut file_name) = (None, None);
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=')?;
            let value = percent_decode_str(value).decode_utf8().ok()?.into_owned();
            let slot = match name {
                "expires" => &mut expires,
                "type" => &mut media_type,
                "max" => &mut max,
                "name" => &mut file_name,
                "signature" => &mut signature,
                _ => return None,
            };
            if slot.replace(value).is_some() {
                return None;
            }
        }
        let media_type = media_type?;
        let grant = match (max, file_name) {
            (Some(max), None) => Grant::Upload {
                key,
                terms: UploadTerms {
                    media_type,
                    max_bytes: max.parse().ok()?,
                },
            },
            (None, Some(file_name)) => Grant::Download {
                key,
                terms: DownloadTerms {
                    file_name,
                    media_type,
                },
            },
            _ => return None,
        };
        Some(Self {
            grant,
            expires: expires?.parse().ok()?,
            signature: hex::decode(signature?).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidewire_domain::PrincipalId;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const IN_A_MINUTE: i64 = 1_790_000_060;

    fn signer() -> GrantSigner {
        GrantSigner::new(&[7; 32])
    }

    fn key(principal: &str) -> BlobKey {
        BlobKey::new(&PrincipalId::new(principal), "documents/1/original").unwrap()
    }

    fn upload(principal: &str) -> Grant {
        Grant::Upload {
            key: key(principal),
            terms: UploadTerms {
                media_type: "text/plain;charset=UTF-8".into(),
                max_bytes: 1000,
            },
        }
    }

    fn download(file_name: &str) -> Grant {
        Grant::Download {
            key: key("alice"),
            terms: DownloadTerms {
                file_name: file_name.into(),
                media_type: "application/pdf".into(),
            },
        }
    }

    #[test]
    fn what_was_signed_is_permitted_until_it_expires() {
        let url = signer().sign(&upload("Älice"), IN_A_MINUTE);
        let sent = Some("text/plain;charset=UTF-8");
        let verify = |now| signer().verify("PUT", &url, sent, Timestamp::from_millis(now));
        assert_eq!(verify(NOW.as_millis()), Ok(upload("Älice")));
        assert_eq!(verify(IN_A_MINUTE * 1000 - 1), Ok(upload("Älice")));
        assert_eq!(verify(IN_A_MINUTE * 1000), Err(GrantError::Expired));
        assert_eq!(verify(i64::MAX), Err(GrantError::Expired));
    }

    #[test]
    fn the_method_and_the_content_type_must_be_those_that_were_signed() {
        let url = signer().sign(&upload("alice"), IN_A_MINUTE);
        let sent = Some("text/plain;charset=UTF-8");
        for method in ["GET", "POST", "DELETE", "put"] {
            let said = signer().verify(method, &url, sent, NOW);
            assert_eq!(said, Err(GrantError::WrongMethod { method: "PUT" }));
        }
        for sent in [None, Some("text/html"), Some("text/plain"), Some("")] {
            let said = signer().verify("PUT", &url, sent, NOW);
            assert!(
                matches!(said, Err(GrantError::WrongMediaType { .. })),
                "{said:?}"
            );
        }
        let url = signer().sign(&download("a.pdf"), IN_A_MINUTE);
        let said = signer().verify("PUT", &url, None, NOW);
        assert_eq!(said, Err(GrantError::WrongMethod { method: "GET" }));
        assert_eq!(
            signer().verify("GET", &url, None, NOW),
            Ok(download("a.pdf"))
        );
    }

    #[test]
    fn another_secret_permits_nothing() {
        let url = GrantSigner::new(&[8; 32]).sign(&download("a"), IN_A_MINUTE);
        let said = signer().verify("GET", &url, None, NOW);
        assert_eq!(said, Err(GrantError::Invalid));
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let url = signer().sign(&download("a&max=1&expires=9999999999"), IN_A_MINUTE);
        for (from, to) in [
            ("name=a%26max%3D1", "name=a&max=1"),
            ("&type=", "&x=&type="),
            ("&type=", "&expires=9999999999&type="),
            ("/documents/1/", "/documents/2/"),
            ("/alice/", "/bob/"),
            ("/alice/", "/alice/../bob/"),
            ("/api/blobs/", "/api/blob/"),
            ("expires=1", "expires=2"),
            ("name=", "max="),
            ("signature=", "signature=00"),
        ] {
            let altered = url.replacen(from, to, 1);
            assert_ne!(altered, url, "{from}");
            let said = signer().verify("GET", &altered, None, NOW);
            assert_eq!(said, Err(GrantError::Invalid), "{altered}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_carried(principal in any::<String>(), file_name in any::<String>()) {
            let mut grant = download(&file_name);
            if let Grant::Download { key, .. } = &mut grant {
                key.principal = PrincipalId::new(&principal);
            }
            let url = signer().sign(&grant, IN_A_MINUTE);
            prop_assert!(url.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(signer().verify("GET", &url, None, NOW), Ok(grant));
        }

        #[test]
        fn one_changed_byte_is_enough(at in any::<prop::sample::Index>(), byte in b'!'..=b'~') {
            let url = signer().sign(&download("Größe.pdf"), IN_A_MINUTE);
            let mut altered = url.clone().into_bytes();
            let at = at.index(altered.len());
            altered[at] = byte;
            let altered = String::from_utf8(altered).unwrap();
            // Capitals in hexadecimal numbers say the same.
            prop_assume!(!altered.eq_ignore_ascii_case(&url));
            let said = signer().verify("GET", &altered, None, NOW);
            prop_assert_eq!(said, Err(GrantError::Invalid));
        }

        #[test]
        fn any_text_is_refused(text in any::<String>()) {
            let said = signer().verify("GET", &text, None, NOW);
            prop_assert_eq!(said, Err(GrantError::Invalid));
        }
    }
}
