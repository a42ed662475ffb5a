//! What headers and query strings are believed. A line is a header, named by its first byte; in its
//! value `%K` stands for the one key, `%T` for the token of a session.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use libfuzzer_sys::fuzz_target;
use tidewire::fuzzing::{caller, page, passes_local_gate, read_on_after};
use tidewire_auth::{Session, SessionSigner};
use tidewire_domain::Timestamp;
use tidewire_fuzz::wait_for;
use uuid::Uuid;

const KEY: &str = "tw_the-one-key";
const SECRET: &[u8] = b"the secret of this target";

/// A token that opens until the year 9999.
fn token() -> String {
    let session = Session {
        id: Uuid::from_bytes(*b"0123456789abcdef"),
        principal: "ada".into(),
        expires_at: Timestamp::from_millis(253_402_300_799_000),
    };
    let hash = tidewire_auth::hash_key(KEY);
    let hash: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&hash[2 * at..2 * at + 2], 16).expect("it is hexadecimal"))
        .collect();
    SessionSigner::new(SECRET).seal(&session, &hash)
}

fn replaced(value: &[u8], mark: &[u8], with: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(with.as_bytes());
        rest = &rest[at + mark.len()..];
    }
    out.extend_from_slice(rest);
    out
}

const fn name(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'h' => "host",
        b'o' => "origin",
        b'c' => "cookie",
        b'a' => "authorization",
        b'k' => "x-api-key",
        b'l' => "last-event-id",
        _ => return None,
    })
}

/// Whether a Host header leads to this machine, told otherwise than the gate tells it.
fn is_local(host: &str) -> bool {
    // A port that is none does not change whom the name leads to.
    let end = match host.find(']') {
        Some(bracket) => bracket + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    let name = &host[..end];
    let name = name.trim_end_matches('.');
    let bare = name.trim_matches(|c| c == '[' || c == ']');
    name.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fuzz_target!(|input: &[u8]| {
    let mut headers: Vec<(&'static str, Vec<u8>)> = Vec::new();
    let mut query = String::new();
    let token = token();
    for line in input.split(|&byte| byte == b'\n') {
        let Some((&letter, value)) = line.split_first() else {
            continue;
        };
        let value = replaced(&replaced(value, b"%K", KEY), b"%T", &token);
        match name(letter) {
            Some(name) => headers.push((name, value)),
            None => query = String::from_utf8_lossy(&value).into_owned(),
        }
    }
    let headers: Vec<(&'static str, &[u8])> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_slice()))
        .collect();
    let of = |wanted: &str| -> Vec<&[u8]> {
        headers
            .iter()
            .filter(|(name, _)| *name == wanted)
            .map(|(_, value)| *value)
            .collect()
    };

    let elsewhere = IpAddr::from([192, 168, 0, 7]);
    assert!(!passes_local_gate(&headers, elsewhere), "another machine");
    if passes_local_gate(&headers, Ipv4Addr::LOCALHOST.into()) {
        let [host] = of("host")[..] else {
            panic!("there is one Host");
        };
        let host = str::from_utf8(host).expect("a name is ASCII");
        assert!(is_local(host), "{host}");
        match of("origin")[..] {
            [] => {}
            [origin] => {
                let origin = str::from_utf8(origin).expect("an origin is ASCII");
                let own = ["http://", "https://"].map(|scheme| format!("{scheme}{host}"));
                assert!(
                    own.iter().any(|own| own.eq_ignore_ascii_case(origin)),
                    "{origin}"
                );
            }
            _ => panic!("there is one Origin"),
        }
    }

    let signer = SessionSigner::new(SECRET);
    let principal = caller(&headers, KEY, signer).expect("ada is a name");
    if let Some(principal) = principal {
        assert_eq!(principal, "ada");
        let shows = |secret: &str| {
            headers
                .iter()
                .any(|(_, value)| value.windows(secret.len()).any(|w| w == secret.as_bytes()))
        };
        assert!(
            shows(KEY) || shows(&token),
            "nobody who shows nothing is ada"
        );
    }

    if let Some(seq) = wait_for(read_on_after(&headers, &query))
        && let Some(value) = of("last-event-id").first()
    {
        let value = str::from_utf8(value).expect("a number is ASCII");
        assert!(value.contains(&seq.to_string()), "{value:?} is not {seq}");
    }
    if let Some(page) = wait_for(page(&query)) {
        assert!((1..=200).contains(&page.limit));
        assert!(page.cursor.is_none_or(|cursor| !cursor.is_empty()));
    }
});
