//! The `Authorization` header.
//!
//! `AWS4-HMAC-SHA256 Credential=ID/20150830/us-east-1/lambda/aws4_request,
//! SignedHeaders=host;x-amz-date, Signature=HEX`, after "Add the signature to the request" in AWS's
//! *Create a signed AWS API request*.

use crate::{Missing, Refusal, signature};

/// What a request says of its signature.
#[derive(Debug)]
pub(crate) struct Authorization<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) scope: Scope<'a>,
    /// In their order, which is that of the alphabet, without repetition.
    pub(crate) signed_headers: Vec<&'a str>,
    pub(crate) signature: [u8; 32],
}

/// What a signing key is good for.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) date: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) terminator: &'a str,
}

/// The header's parts, of which any may be missing.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    algorithm: &'a str,
    credential: Option<&'a str>,
    signed_headers: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// Takes the header apart. Parameters that nobody knows are passed over.
    pub(crate) fn read(header: &'a str) -> Result<Self, Refusal> {
        let (algorithm, parameters) = header.trim().split_once(' ').unwrap_or((header, ""));
        let mut fields = Self {
            algorithm,
            credential: None,
            signed_headers: None,
            signature: None,
        };
        let parameters = parameters.split(',').map(str::trim);
        for parameter in parameters.filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').ok_or(Refusal::NoEqualSign)?;
            let field = match name {
                "Credential" => &mut fields.credential,
                "SignedHeaders" => &mut fields.signed_headers,
                "Signature" => &mut fields.signature,
                _ => continue,
            };
            if field.replace(value).is_some() {
                return Err(Refusal::RepeatedParameter(name.to_owned()));
            }
        }
        Ok(fields)
    }

    /// What every signature needs and this one lacks, in the order in which AWS complains.
    pub(crate) fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        let needed = [
            (self.credential, Missing::Credential),
            (self.signature, Missing::Signature),
            (self.signed_headers, Missing::SignedHeaders),
        ];
        for (field, name) in needed {
            if field.is_none() {
                missing.push(name);
            }
        }
        missing
    }
}

impl<'a> TryFrom<Fields<'a>> for Authorization<'a> {
    type Error = Refusal;

    fn try_from(fields: Fields<'a>) -> Result<Self, Refusal> {
        let (Some(credential), Some(signed_headers), Some(hexadecimal)) =
            (fields.credential, fields.signed_headers, fields.signature)
        else {
            return Err(Refusal::Incomplete(fields.missing()));
        };
        if fields.algorithm != signature::ALGORITHM {
            return Err(Refusal::UnsupportedAlgorithm);
        }
        let parts: Vec<&str> = credential.splitn(6, '/').collect();
        let [access_key_id, date, region, service, terminator] = parts[..] else {
            return Err(Refusal::MalformedCredential);
        };
        let signed_headers: Vec<&str> = signed_headers.split(';').collect();
        let is_name = |name: &&str| !name.is_empty() && !name.contains(|c: char| c.is_uppercase());
        if !signed_headers.iter().all(is_name) || !signed_headers.is_sorted_by(|a, b| a < b) {
            return Err(Refusal::SignedHeadersNotCanonical);
        }
        let signature = digest(hexadecimal).ok_or(Refusal::SignatureMismatch)?;
        Ok(Self {
            access_key_id,
            scope: Scope {
                date,
                region,
                service,
                terminator,
            },
            signed_headers,
            signature,
        })
    }
}

/// Reads 64 lower-case hexadecimal digits.
pub(crate) fn digest(hexadecimal: &str) -> Option<[u8; 32]> {
    if hexadecimal.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let mut digest = [0; 32];
    hex::decode_to_slice(hexadecimal, &mut digest).ok()?;
    Some(digest)
}
