//! What is known of collections, and the indexes that are open.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tidewire_domain::{Collection, PrincipalId};
use tokio::{sync::OnceCell, time::Instant};

use crate::index::Index;

/// For so long a search may use the version before the newest: the bound of its age. Within the
/// process that publishes there is no such time.
pub(super) const FRESH_FOR: Duration = Duration::from_secs(2);

/// Of so many principals it is remembered which collections they have.
const MAX_LISTINGS: usize = 1024;

/// So many indexes stay open; each holds some connections and, where it has vectors, these.
const MAX_OPEN: usize = 32;

/// Single flight: all that want an index wait for the one that opens it.
type Cell = Arc<OnceCell<Arc<Index>>>;

/// A principal's collections, and when somebody asked for them.
type Listing = (Instant, Arc<[Collection]>);

/// What is held in memory. Losing any of it costs time alone.
#[derive(Default)]
pub(super) struct Opened {
    listings: Mutex<HashMap<PrincipalId, Listing>>,
    indexes: Mutex<HashMap<PathBuf, (Instant, Cell)>>,
}

impl Opened {
    /// The principal's collections, if somebody looked a moment ago.
    pub(super) fn listing(&self, principal: &PrincipalId) -> Option<Arc<[Collection]>> {
        let listings = lock(&self.listings);
        let (at, collections) = listings.get(principal)?;
        (at.elapsed() < FRESH_FOR).then(|| Arc::clone(collections))
    }

    /// Remembers what was read from the library at `at`, unless something newer is known.
    pub(super) fn remember(&self, principal: &PrincipalId, at: Instant, found: Arc<[Collection]>) {
        let mut listings = lock(&self.listings);
        if listings.len() >= MAX_LISTINGS && !listings.contains_key(principal) {
            listings.retain(|_, (at, _)| at.elapsed() < FRESH_FOR);
            if listings.len() >= MAX_LISTINGS {
                listings.clear();
            }
        }
        listings.insert(principal.clone(), (at, found));
    }

    /// The next search looks into the library.
    pub(super) fn forget_listing(&self, principal: &PrincipalId) {
        lock(&self.listings).remove(principal);
    }

    /// Where the index of a file is, or will be once somebody has opened it.
    pub(super) fn cell(&self, place: &Path) -> Cell {
        let mut indexes = lock(&self.indexes);
        let now = Instant::now();
        if let Some((used_at, cell)) = indexes.get_mut(place) {
            *used_at = now;
            return Arc::clone(cell);
        }
        if indexes.len() >= MAX_OPEN {
            let oldest = indexes.iter().min_by_key(|(_, (used_at, _))| *used_at);
            let oldest = oldest.map(|(place, _)| place.clone());
            oldest.and_then(|place| indexes.remove(&place));
        }
        let cell = Cell::default();
        indexes.insert(place.to_owned(), (now, Arc::clone(&cell)));
        cell
    }

    /// Closes an index once the searches in it are done.
    pub(super) fn forget_index(&self, place: &Path) {
        lock(&self.indexes).remove(place);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
