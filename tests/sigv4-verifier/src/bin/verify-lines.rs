//! Reads requests from standard input, one JSON object a line, and writes the verdict on each, for
//! `tests/signing`.
//!
//! ```text
//! {"method", "path", "query", "headers": [[name, value], …], "body_sha256", "now": Unix seconds,
//!  "region", "service", "credentials": {ID: {"secret_access_key", "session_token"}, …}}
//! {"access_key_id", "signed_headers"} | {"refusal", "status", "error_type", "body"} | {"unreadable"}
//! ```

use std::{
    error::Error,
    io::{self, BufRead, Write},
    time::{Duration, UNIX_EPOCH},
};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use sigv4_verifier::{Secret, SignedRequest, Verifier};

fn main() -> io::Result<()> {
    let mut answers = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        // What no HTTP server would take for a request never comes to be verified.
        let verdict = verdict(&line?).unwrap_or_else(|e| json!({ "unreadable": e.to_string() }));
        writeln!(answers, "{verdict}")?;
        answers.flush()?;
    }
    Ok(())
}

fn verdict(line: &str) -> Result<Value, Box<dyn Error>> {
    let given: Value = serde_json::from_str(line)?;
    let text = |member: &str| given[member].as_str().ok_or(format!("{member} is no text"));
    let mut headers = HeaderMap::new();
    for header in given["headers"].as_array().ok_or("headers is no list")? {
        let [name, value] = [0, 1].map(|at| header[at].as_str().unwrap_or_default());
        let value = HeaderValue::from_bytes(value.as_bytes())?;
        headers.append(HeaderName::from_bytes(name.as_bytes())?, value);
    }
    let mut body_sha256 = [0; 32];
    hex::decode_to_slice(text("body_sha256")?, &mut body_sha256)?;
    let now = given["now"].as_u64().ok_or("now is no number")?;
    let mut verifier = Verifier::of_lambda(text("region")?, |access_key_id: &str| {
        let secret = given["credentials"].get(access_key_id)?;
        Some(Secret {
            session_token: secret["session_token"].as_str().map(str::to_owned),
            ..Secret::lasting(secret["secret_access_key"].as_str()?)
        })
    });
    text("service")?.clone_into(&mut verifier.service);
    let request = SignedRequest {
        method: &Method::from_bytes(text("method")?.as_bytes())?,
        path: text("path")?,
        query: text("query")?,
        headers: &headers,
    };
    let now = UNIX_EPOCH + Duration::from_secs(now);
    Ok(match verifier.verify(request, &body_sha256, now) {
        Ok(by) => json!({
            "access_key_id": by.access_key_id,
            "signed_headers": by.signed_headers,
        }),
        Err(refusal) => json!({
            "refusal": refusal.to_string(),
            "status": refusal.status().as_u16(),
            "error_type": refusal.error_type(),
            "body": refusal.body(),
        }),
    })
}
