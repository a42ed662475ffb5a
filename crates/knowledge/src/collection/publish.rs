//! Who publishes when.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tidewire_domain::{
    CollectionLease, CollectionName, DocumentId, DocumentStatus, PrincipalId, StoreError, Timestamp,
};
use tokio::{sync::Mutex as AsyncMutex, time::sleep};
use tracing::{debug, warn};

use super::Collections;
use crate::index::IndexError;

/// How long a lease lasts. Whoever dies holds the others up for so long.
const LEASE: Duration = Duration::from_mins(1);

/// A third of the lease, so that one renewal may fail.
const RENEW_EVERY: Duration = Duration::from_secs(20);

/// How long one waits while another process publishes, before it looks again.
const WAIT: Duration = Duration::from_millis(250);

/// One publisher a collection within this process: the others wait here, and not by asking the
/// library again and again.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<Address, Weak<Turn>>>);

type Address = (PrincipalId, CollectionName);
type Turn = AsyncMutex<()>;

impl Turns {
    fn of(&self, principal: &PrincipalId, name: &CollectionName) -> Arc<Turn> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (principal.clone(), name.clone());
        if let Some(turn) = turns.get(&key).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(key, Arc::downgrade(&turn));
        turn
    }
}

/// What a publisher waits for.
#[derive(Clone, Copy)]
enum Goal {
    /// Nothing is pending.
    AllSettled,
    /// Nothing of this document waits to be put in.
    Settled(DocumentId),
}

/// The end of a lease that is given or renewed now.
pub(super) fn lease_end() -> Timestamp {
    let lease_ms = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(Timestamp::now().as_millis().saturating_add(lease_ms))
}

impl Collections {
    /// Publishes until nothing is pending in a collection, or waits while another does.
    ///
    /// It may be dropped or killed at any point and called again: what is pending stays pending
    /// until it is in a published version.
    pub async fn publish(
        &self,
        principal: &PrincipalId,
        name: &CollectionName,
    ) -> Result<(), IndexError> {
        self.publish_until(principal, name, Goal::AllSettled).await
    }

    /// Publishes, or waits while another does, until a document that was read is ready. Whoever
    /// cannot get the lease waits for its own document rather than trusting the one who has it: that
    /// one may have looked for the last time, or die.
    pub async fn publish_until_settled(
        &self,
        principal: &PrincipalId,
        name: &CollectionName,
        id: DocumentId,
    ) -> Result<(), IndexError> {
        self.publish_until(principal, name, Goal::Settled(id)).await
    }

    async fn publish_until(
        &self,
        principal: &PrincipalId,
        name: &CollectionName,
        goal: Goal,
    ) -> Result<(), IndexError> {
        let turn = self.turns.of(principal, name);
        loop {
            let _turn = turn.lock().await;
            if self.is_reached(principal, name, goal).await? {
                return Ok(());
            }
            let now = Timestamp::now();
            let lease = self
                .library
                .lease_collection(principal, name, now, lease_end())
                .await?;
            let Some(lease) = lease else {
                sleep(WAIT).await;
                continue;
            };
            match self.drain_under(principal, lease).await {
                // All that was pending when this was asked for is published, and what came while the
                // lease was given back has somebody who waits for it.
                Ok(()) => return Ok(()),
                Err(IndexError::LeaseLost) => {
                    debug!(%name, "another publisher took a collection over");
                    sleep(WAIT).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Publishes what is pending until there is nothing more, keeps the lease meanwhile, and gives
    /// it back however that ends.
    async fn drain_under(
        &self,
        principal: &PrincipalId,
        lease: CollectionLease,
    ) -> Result<(), IndexError> {
        let kept = lease.clone();
        let drained = {
            let mut work = std::pin::pin!(self.drain(principal, lease));
            loop {
                tokio::select! {
                    ended = &mut work => break ended,
                    () = sleep(RENEW_EVERY) => {
                        match self.library.renew_collection(principal, &kept, lease_end()).await {
                            Ok(()) => {}
                            Err(StoreError::LeaseLost) => break Err(IndexError::LeaseLost),
                            Err(error) => warn!(%error, "cannot renew the lease of a collection"),
                        }
                    }
                }
            }
        };
        if let Err(error) = self.library.release_collection(principal, &kept).await {
            warn!(%error, "cannot give the lease of a collection back: it ends by itself");
        }
        drained
    }

    async fn is_reached(
        &self,
        principal: &PrincipalId,
        name: &CollectionName,
        goal: Goal,
    ) -> Result<bool, IndexError> {
        match goal {
            Goal::AllSettled => {
                let pending = self.library.pending_documents(principal, name, 1).await?;
                Ok(pending.is_empty())
            }
            Goal::Settled(id) => match self.library.document(principal, id).await {
                Ok(document) => Ok(document.status != DocumentStatus::Ingesting),
                Err(StoreError::NotFound(_)) => Ok(true),
                Err(error) => Err(error.into()),
            },
        }
    }
}
