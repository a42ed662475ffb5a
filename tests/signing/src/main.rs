//! `sign-lines`: signs a request for each line of JSON that it reads, and writes a line for each: the
//! headers that were set, or `{"error"}`.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Write},
};

use anyhow::Context;
use base64::{Engine, prelude::BASE64_STANDARD};
use edge_signer::{Credentials, PayloadHash, SignedHeaders, Signer};
use http::{HeaderName, HeaderValue, Request};
use jiff::{civil::DateTime, tz::TimeZone};
use serde::Deserialize;

/// A request and with what it is to be signed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    method: String,
    /// Path and query.
    target: String,
    headers: Vec<(String, String)>,
    body_base64: String,
    region: String,
    service: String,
    access_key: String,
    secret_key: String,
    session_token: Option<String>,
    /// Such as `20150830T123600Z`.
    time: String,
    signed_headers: Signed,
}

/// Which headers are signed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Signed {
    Cloudfront,
    #[serde(rename = "all_but")]
    AllBut(Vec<String>),
}

fn main() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = match answer(&line?) {
            Ok(headers) => serde_json::to_string(&headers)?,
            Err(error) => serde_json::json!({"error": format!("{error:#}")}).to_string(),
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn answer(line: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let line: Line = serde_json::from_str(line)?;
    let mut request = Request::builder()
        .method(line.method.as_str())
        .uri(&line.target);
    for (name, value) in &line.headers {
        request = request.header(name, HeaderValue::from_bytes(value.as_bytes())?);
    }
    let (mut parts, ()) = request.body(())?.into_parts();
    let signed = match line.signed_headers {
        Signed::Cloudfront => SignedHeaders::CloudFront,
        Signed::AllBut(names) => {
            let names: Result<Vec<HeaderName>, _> = names.iter().map(|name| name.parse()).collect();
            SignedHeaders::AllBut(names?)
        }
    };
    let credentials = Credentials::new(
        line.access_key,
        line.secret_key,
        line.session_token,
        None,
        "test",
    );
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", &line.time).context("time")?;
    let time = time.to_zoned(TimeZone::UTC)?.timestamp().into();
    let hash = PayloadHash::of(&BASE64_STANDARD.decode(&line.body_base64)?);
    Signer::new(line.region)
        .with_service(line.service)
        .with_signed_headers(signed)
        .sign(&mut parts, &hash, &credentials, time)?;
    let set = parts.headers.iter().filter(|(name, _)| {
        *name == "authorization" || *name == "host" || name.as_str().starts_with("x-amz-")
    });
    set.map(|(name, value)| {
        let value = std::str::from_utf8(value.as_bytes())?;
        Ok((name.to_string(), value.to_owned()))
    })
    .collect()
}
