//! The head of a streamed response: a JSON object, eight NUL bytes, then the payload.
//! (AWS Lambda Developer Guide, "Response streaming", content type
//! `application/vnd.awslambda.http-integration-response`.)

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use serde::Deserialize;

const DELIMITER: [u8; 8] = [0; 8];
/// A head that is longer is none.
const MAX_BYTES: usize = 1024 * 1024;

/// Status, headers and cookies of a response.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prelude {
    /// The status.
    #[serde(default = "ok")]
    pub status_code: u16,
    /// The headers, one value each.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The values of Set-Cookie.
    #[serde(default)]
    pub cookies: Vec<String>,
}

const fn ok() -> u16 {
    200
}

impl Prelude {
    /// What is sent of a response that has none.
    pub(crate) fn absent() -> Self {
        Self {
            status_code: ok(),
            headers: BTreeMap::from([("content-type".into(), "application/json".into())]),
            cookies: Vec::new(),
        }
    }
}

/// A response that does not begin as it must.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the response does not begin with a prelude of JSON and eight NUL bytes")]
pub(crate) struct NoPrelude;

/// Reads the head from pieces, wherever they are cut.
#[derive(Debug, Default)]
pub(crate) struct PreludeReader {
    seen: BytesMut,
}

impl PreludeReader {
    /// Takes a piece. Returns the head once it is whole, with what of the payload came with it.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Option<(Prelude, Bytes)>, NoPrelude> {
        let from = self.seen.len().saturating_sub(DELIMITER.len() - 1);
        self.seen.extend_from_slice(piece);
        let found = self.seen[from..]
            .windows(DELIMITER.len())
            .position(|window| window == DELIMITER);
        let Some(found) = found else {
            return if self.seen.len() > MAX_BYTES {
                Err(NoPrelude)
            } else {
                Ok(None)
            };
        };
        let json = self.seen.split_to(from + found);
        let prelude = serde_json::from_slice(&json).map_err(|_| NoPrelude)?;
        Ok(Some((
            prelude,
            self.seen.split_off(DELIMITER.len()).freeze(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: &[u8] =
        b"{\"statusCode\":201,\"headers\":{\"x-a\":\"b\"},\"cookies\":[\"c=d\"]}\0\0\0\0\0\0\0\0pay\0load";

    #[test]
    fn a_head_is_the_same_wherever_it_is_cut() {
        for cut in 0..RESPONSE.len() {
            let mut reader = PreludeReader::default();
            let mut payload = Vec::new();
            let mut head = None;
            for piece in [&RESPONSE[..cut], &RESPONSE[cut..]] {
                if head.is_some() {
                    payload.extend_from_slice(piece);
                } else if let Some((prelude, rest)) = reader.push(piece).unwrap() {
                    head = Some(prelude);
                    payload.extend_from_slice(&rest);
                }
            }
            let head = head.unwrap();
            assert_eq!(head.status_code, 201);
            assert_eq!(head.headers["x-a"], "b");
            assert_eq!(head.cookies, ["c=d"]);
            assert_eq!(payload, b"pay\0load");
        }
    }

    #[test]
    fn what_is_no_json_is_no_head() {
        let mut reader = PreludeReader::default();
        assert_eq!(reader.push(b"hello\0\0\0\0\0\0\0\0"), Err(NoPrelude));
    }

    #[test]
    fn a_head_without_end_is_refused() {
        let mut reader = PreludeReader::default();
        let piece = vec![b' '; MAX_BYTES];
        assert_eq!(reader.push(&piece), Ok(None));
        assert_eq!(reader.push(&piece), Err(NoPrelude));
    }
}
