//! How long a test waits for what must happen. Only a failing test ever waits so long.

use std::{future::Future, time::Duration};

use tokio::time::timeout;

const LONGEST: Duration = Duration::from_secs(20);

/// Waits for `happening`, and fails with `what` where it never happens.
pub async fn soon<F: Future>(what: &str, happening: F) -> F::Output {
    let happened = timeout(LONGEST, happening).await;
    happened.unwrap_or_else(|_| panic!("{what}: not within {} s", LONGEST.as_secs()))
}
