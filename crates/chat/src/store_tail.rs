//! Reading a turn that another process produces, or that is over: from the store alone.

use std::{sync::Arc, time::Duration};

use tidewire_domain::{EventPage, PrincipalId, StoreError, TurnId, TurnState};
use tokio::time::sleep;

use crate::{engine::Shared, reaper};

/// How often the store is asked for more while a turn runs.
const POLL_EVERY: Duration = Duration::from_millis(250);
/// How much of a log is read at once.
const PAGE_BYTES: u64 = 256 * 1024;

/// The log's next piece after the event `after`; waits for it while the turn runs. Without batches
/// only where the turn is over and there are none.
pub(crate) async fn read_page(
    shared: Arc<Shared>,
    principal: PrincipalId,
    turn_id: TurnId,
    after: u64,
) -> Result<EventPage, StoreError> {
    loop {
        let page = shared
            .store
            .events(&principal, turn_id, after, PAGE_BYTES)
            .await?;
        match &page.turn.state {
            _ if !page.batches.is_empty() => return Ok(page),
            TurnState::Finished(_) => return Ok(page),
            TurnState::Running(lease) => {
                if reaper::is_dead(&shared, lease) {
                    reaper::interrupt(&shared, lease, page.turn.key.clone()).await?;
                } else {
                    sleep(POLL_EVERY).await;
                }
            }
        }
    }
}
