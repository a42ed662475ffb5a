//! No text but a sealed token opens a session: neither the input itself, nor a token that it was
//! written over. Lines: the principal, when the session ends, where to write (a byte each), and what.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidewire_auth::{Session, SessionError, SessionSigner};
use tidewire_domain::Timestamp;
use tidewire_fuzz::first_line;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fuzz_target!(|input: &[u8]| {
    let signer = SessionSigner::new(b"the secret of this target");
    let hash = |_: &str| Some(&b"hash"[..]);
    let token = String::from_utf8_lossy(input);
    assert_eq!(signer.open(&token, NOW, hash), Err(SessionError::Invalid));

    let (principal, rest) = first_line(input);
    let (ends, rest) = first_line(rest);
    let (places, with) = first_line(rest);
    let mut millis = [0; 8];
    let length = ends.len().min(8);
    millis[..length].copy_from_slice(&ends[..length]);
    let session = Session {
        id: Uuid::from_bytes(*b"0123456789abcdef"),
        principal: String::from_utf8_lossy(principal).into_owned(),
        expires_at: Timestamp::from_millis(i64::from_le_bytes(millis)),
    };
    let token = signer.seal(&session, b"hash");
    let opened = if session.expires_at > NOW {
        Ok(session)
    } else {
        Err(SessionError::Expired)
    };
    assert_eq!(signer.open(&token, NOW, hash), opened);
    if let Ok(session) = opened {
        assert!(session.seconds_left(NOW) >= 0);
    }
    let other = |_: &str| Some(&b"another hash"[..]);
    assert_eq!(signer.open(&token, NOW, other), Err(SessionError::Invalid));
    assert_eq!(
        signer.open(&token, NOW, |_| None),
        Err(SessionError::Invalid)
    );

    let mut changed = token.clone().into_bytes();
    for (place, byte) in places.iter().zip(with) {
        let place = usize::from(*place) % changed.len();
        changed[place] = *byte;
    }
    if let Ok(changed) = String::from_utf8(changed)
        && changed != token
    {
        assert_eq!(signer.open(&changed, NOW, hash), Err(SessionError::Invalid));
    }
});
