//! Ends deliveries of done jobs, several in one call where they come together.

use std::{sync::Arc, time::Duration};

use tidewire_domain::{JobQueue, Receipt};
use tokio::{sync::mpsc, time::sleep};
use tracing::warn;

/// What remote queues take in one call.
const BATCH: usize = 10;
const ATTEMPTS: u32 = 5;

/// Takes receipts until all senders are gone, and ends what is left then. A receipt that cannot be
/// ended is no loss: its job comes again and finds nothing to do.
pub(crate) async fn finish(queue: Arc<dyn JobQueue>, mut done: mpsc::UnboundedReceiver<Receipt>) {
    let mut batch = Vec::with_capacity(BATCH);
    while done.recv_many(&mut batch, BATCH).await > 0 {
        for attempt in 1..=ATTEMPTS {
            match queue.complete(&batch).await {
                Ok(()) => break,
                Err(failure) if attempt == ATTEMPTS => {
                    warn!(%failure, jobs = batch.len(), "cannot end deliveries of done jobs: they come again");
                }
                Err(_) => sleep(Duration::from_millis(100) * attempt).await,
            }
        }
        batch.clear();
    }
}
