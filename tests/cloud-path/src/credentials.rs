//! Credentials of this path alone, made at start: nothing outside it knows them.

use std::collections::BTreeMap;

use edge_signer::Credentials;
use sigv4_verifier::Secret;

/// Whoever may sign requests to the function URL.
#[derive(Debug, Clone)]
pub struct Account {
    /// What CloudFront's origin access control signs with: a temporary session.
    pub oac: Credentials,
    /// What the user of this machine may sign with, such as by `edge-signer`.
    pub user: Credentials,
}

const OAC_ARN: &str =
    "arn:aws:sts::123456789012:assumed-role/OriginAccessControlRole/OriginAccessSession";
const USER_ARN: &str = "arn:aws:iam::123456789012:user/developer";

impl Account {
    /// Makes new ones.
    pub fn new() -> Result<Self, getrandom::Error> {
        let oac = Credentials::new(
            format!("ASIA{}", random(16)?),
            random(40)?,
            Some(random(200)?),
            None,
            "cloud-path",
        );
        let id = format!("AKIA{}", random(16)?);
        let user = Credentials::new(id, random(40)?, None, None, "cloud-path");
        Ok(Self { oac, user })
    }

    /// The secrets by their key ids, for the verifier.
    pub(crate) fn secrets(&self) -> BTreeMap<String, Secret> {
        let secret = |credentials: &Credentials| {
            let secret = Secret {
                secret_access_key: credentials.secret_access_key().to_owned(),
                session_token: credentials.session_token().map(str::to_owned),
                expires: None,
            };
            (credentials.access_key_id().to_owned(), secret)
        };
        BTreeMap::from([secret(&self.oac), secret(&self.user)])
    }

    /// The ARN behind a key id.
    pub(crate) fn arn(&self, access_key_id: &str) -> &'static str {
        if access_key_id == self.oac.access_key_id() {
            OAC_ARN
        } else {
            USER_ARN
        }
    }
}

fn random(length: usize) -> Result<String, getrandom::Error> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes)?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect())
}
