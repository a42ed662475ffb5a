//! The models that this process serves.

use std::sync::Arc;

use tidewire_domain::{ChatModel, ModelInfo};

use crate::ChatError;

/// A model with what is known of it.
#[derive(Clone)]
pub struct CatalogueEntry {
    /// What users see.
    pub info: ModelInfo,
    /// The model.
    pub model: Arc<dyn ChatModel>,
}

/// The models, the default one first.
#[derive(Clone)]
pub struct Catalogue {
    entries: Vec<Arc<CatalogueEntry>>,
}

impl Catalogue {
    /// The catalogue of `default` and `others`.
    pub fn new(default: CatalogueEntry, others: impl IntoIterator<Item = CatalogueEntry>) -> Self {
        Self {
            entries: std::iter::once(default)
                .chain(others)
                .map(Arc::new)
                .collect(),
        }
    }

    /// The model that answers where none is named.
    pub fn default_model(&self) -> &Arc<CatalogueEntry> {
        &self.entries[0]
    }

    /// All of them, the default one first.
    pub fn entries(&self) -> &[Arc<CatalogueEntry>] {
        &self.entries
    }

    /// The model of this id, the default one for `None`.
    pub fn find(&self, id: Option<&str>) -> Result<&Arc<CatalogueEntry>, ChatError> {
        let Some(id) = id else {
            return Ok(self.default_model());
        };
        self.entries
            .iter()
            .find(|entry| entry.info.id == id)
            .ok_or_else(|| ChatError::UnknownModel {
                asked: id.to_owned(),
                known: self.entries.iter().map(|e| e.info.id.clone()).collect(),
            })
    }
}
