//! What all handlers share.

use std::sync::Arc;

use tidewire_chat::Engine;
use tidewire_domain::Store;

use crate::{
    http::{caller::Authority, guard::Gate},
    routes::session::Instance,
};

/// Cheap to clone: one allocation behind it.
#[derive(Clone)]
pub(crate) struct AppState(Arc<AppParts>);

/// The parts.
pub(crate) struct AppParts {
    /// Where conversations are kept.
    pub store: Arc<dyn Store>,
    /// What runs turns.
    pub engine: Engine,
    /// Who may call.
    pub authority: Authority,
    /// From where.
    pub gate: Gate,
    /// The process itself.
    pub instance: Instance,
    /// The largest request body.
    pub max_body_bytes: usize,
    /// The longest text of a message or of instructions.
    pub max_text_bytes: usize,
}

impl AppState {
    /// The state of these parts.
    pub(crate) fn new(parts: AppParts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for AppState {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}
