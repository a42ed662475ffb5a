//! Which headers a signature covers.

use http::{HeaderName, header};

/// Which headers a signature covers. `Authorization` is never among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SignedHeaders {
    /// `Host` and all whose names begin with `x-amz-`, as CloudFront's origin access control does:
    /// whatever else a proxy changes on the way, the signature holds.
    #[default]
    CloudFront,
    /// All but these, as AWS's test vectors have it.
    AllBut(Vec<HeaderName>),
}

impl SignedHeaders {
    pub(crate) fn include(&self, name: &HeaderName) -> bool {
        match self {
            _ if *name == header::AUTHORIZATION => false,
            Self::CloudFront => *name == header::HOST || name.as_str().starts_with("x-amz-"),
            Self::AllBut(others) => !others.contains(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudfront_signs_host_and_amz_headers() {
        let name = HeaderName::from_static;
        for (signed, names) in [
            (true, ["host", "x-amz-date", "x-amz-anything"]),
            (false, ["x-amzn-trace-id", "content-type", "authorization"]),
        ] {
            for header in names {
                assert_eq!(
                    SignedHeaders::CloudFront.include(&name(header)),
                    signed,
                    "{header}"
                );
            }
        }
    }

    #[test]
    fn authorization_is_never_signed() {
        let all = SignedHeaders::AllBut(vec![header::TE]);
        assert!(all.include(&header::ACCEPT));
        assert!(!all.include(&header::TE));
        assert!(!all.include(&header::AUTHORIZATION));
    }
}
