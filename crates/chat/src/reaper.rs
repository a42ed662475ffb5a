//! Ends turns whose producer died, so that no reader is left hanging.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tidewire_domain::{
    EVENT_LOG_FORMAT, EventBatch, FinishReason, FinishTurn, Lease, RawEvents, StoreError,
    Timestamp, TurnEvent, TurnFinished, TurnKey, TurnStarted, encode_event, fold_events,
};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

use crate::{engine::Shared, holder::is_known_dead};

/// How often all running turns are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Whether nobody writes under this lease any more.
pub(crate) fn is_dead(shared: &Shared, lease: &Lease) -> bool {
    if lease.holder.id == shared.holder.id {
        // Ours, so only the flusher may say that it is lost.
        return shared.flusher.has_abandoned(lease.key.turn_id);
    }
    if lease.holder.is_queue() {
        return missed(lease, shared.limits.queued);
    }
    is_known_dead(&lease.holder, &shared.holder) || missed(lease, shared.limits.lease)
}

fn missed(lease: &Lease, patience: Duration) -> bool {
    let silent_ms = Timestamp::now().as_millis() - lease.renewed_at.as_millis();
    u128::try_from(silent_ms).is_ok_and(|silent_ms| silent_ms > patience.as_millis())
}

/// Marks the turn of a dead holder `interrupted`, with the text that was stored. Does nothing if
/// somebody else was first.
pub(crate) async fn interrupt(
    shared: &Shared,
    lease: &Lease,
    key: TurnKey,
) -> Result<(), StoreError> {
    end(shared, lease, key, FinishReason::Interrupted).await
}

/// Ends a turn that nobody produces. Does nothing if somebody else took it first.
pub(crate) async fn end(
    shared: &Shared,
    lease: &Lease,
    key: TurnKey,
    reason: FinishReason,
) -> Result<(), StoreError> {
    shared.register().await?;
    let at = Timestamp::now();
    // Before it is ours: whoever finds it ours and not ended yet must not take it for one that is
    // produced here, and where ending it fails it must be tried again.
    shared.flusher.abandon(key.turn_id);
    if let Some(lease) = shared.store.take_over(lease, &shared.holder, at).await? {
        write_end(shared, &lease, key.clone(), reason).await?;
    }
    shared.flusher.forget_abandoned(key.turn_id);
    Ok(())
}

/// Writes the end of a turn whose lease was taken over.
async fn write_end(
    shared: &Shared,
    lease: &Lease,
    key: TurnKey,
    finish_reason: FinishReason,
) -> Result<(), StoreError> {
    let page = shared
        .store
        .events(&key.principal, key.turn_id, 0, u64::MAX)
        .await?;
    let events = page
        .batches
        .iter()
        .flat_map(|batch| RawEvents::new(&batch.body).filter_map(|raw| raw.ok()?.parse().ok()));
    let (parts, usage) = fold_events(events);
    let first_seq = page.turn.last_seq + 1;
    let mut last_seq = first_seq;
    let mut body = Vec::new();
    if first_seq == 1 {
        // It died before anything of it was stored; a log begins with its first event all the same.
        let started = TurnStarted {
            turn_id: key.turn_id,
            message_id: page.turn.message_id,
            parent_id: page.turn.parent_id,
            model: page.turn.model.clone(),
        };
        encode_event(&TurnEvent::TurnStarted(started), &mut body);
        last_seq += 1;
    }
    encode_event(
        &TurnEvent::TurnFinished(TurnFinished { finish_reason }),
        &mut body,
    );
    let turn_id = key.turn_id;
    let finish = FinishTurn {
        key,
        epoch: lease.epoch,
        batch: EventBatch {
            first_seq,
            last_seq,
            format: EVENT_LOG_FORMAT,
            body: Bytes::from(body),
        },
        parts,
        usage,
        finish_reason,
        at: Timestamp::now(),
    };
    match shared.store.finish_turn(finish).await {
        Ok(()) => info!(%turn_id, ?finish_reason, "ended a turn that nobody produces"),
        // Another reaper took it from us; it will end it.
        Err(StoreError::LeaseLost) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Ends all dead turns there are.
pub(crate) async fn reap(shared: &Shared) -> Result<(), StoreError> {
    for lease in shared.store.running().await? {
        if is_dead(shared, &lease) {
            let key = lease.key.clone();
            interrupt(shared, &lease, key).await?;
        }
    }
    Ok(())
}

/// Looks for dead turns until the process ends.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = reap(&shared).await {
            warn!(%error, "cannot look for interrupted turns");
        }
    }
}
