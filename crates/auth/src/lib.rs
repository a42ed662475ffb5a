//! Who may call. Static keys name principals; the configuration holds their hashes alone. A browser
//! that showed a key once carries a signed session from then on.

mod key;
mod session;

pub use key::{KeyError, KeyRing, StaticKey, generate_key, hash_key};
pub use session::{Session, SessionError, SessionSigner};
