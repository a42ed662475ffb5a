//! Turns that one process begins and another produces.

use std::sync::Arc;

use tidewire_domain::{
    BegunTurn, Holder, Lease, PrincipalId, StoreError, Timestamp, Turn, TurnId, TurnState,
};

use super::{Engine, TurnRequest, begin_of, begin_or_join, spawn_producer};
use crate::{ChatError, reaper};

impl Engine {
    /// Begins a turn that another process is to produce: whoever calls [`Engine::run_queued`] with
    /// the lease. Readers may tail it at once. A repeated request finds its turn, without a lease.
    pub async fn begin_queued(
        &self,
        principal: &PrincipalId,
        request: TurnRequest,
    ) -> Result<(TurnId, Option<Lease>), ChatError> {
        let entry = self.accept(principal, &request).await?;
        let mut begin = begin_of(&self.shared, request, &entry);
        begin.holder = Holder::queue(begin.turn_id);
        match begin_or_join(&self.shared, principal, begin).await? {
            BegunTurn::Joined(turn) => Ok((turn.key.turn_id, None)),
            BegunTurn::Started { turn, .. } => match turn.state {
                TurnState::Running(lease) => Ok((turn.key.turn_id, Some(lease))),
                TurnState::Finished(_) => Ok((turn.key.turn_id, None)),
            },
        }
    }

    /// Produces a turn that [`Engine::begin_queued`] began, to its end. Does nothing where another
    /// process was first, or where the turn is over or gone.
    pub async fn run_queued(&self, lease: &Lease) -> Result<(), ChatError> {
        let shared = &self.shared;
        shared.register().await?;
        let (principal, id) = (&lease.key.principal, lease.key.turn_id);
        let turn = match shared.store.turn(principal, id).await {
            Ok(turn) => turn,
            Err(StoreError::NotFound(_)) => return Ok(()),
            Err(failure) => return Err(failure.into()),
        };
        // The lease as it is stored: a queue carries it for long, and only its holder matters.
        let TurnState::Running(lease) = &turn.state else {
            return Ok(());
        };
        if !lease.holder.is_queue() {
            return Ok(());
        }
        let Ok(entry) = self.catalogue.find(Some(&turn.model)) else {
            return Ok(reaper::interrupt(shared, lease, turn.key.clone()).await?);
        };
        let conversation = shared
            .store
            .conversation(principal, turn.key.conversation_id)
            .await?;
        let now = Timestamp::now();
        let Some(lease) = shared.store.take_over(lease, &shared.holder, now).await? else {
            return Ok(());
        };
        let turn = Turn {
            state: TurnState::Running(lease),
            ..turn
        };
        if let Some(producing) = spawn_producer(shared, turn, conversation, Arc::clone(entry)) {
            // A producer never panics: it ends its turn with an error instead.
            let _ = producing.await;
        }
        Ok(())
    }
}
