//! Pages of lists that the database orders and cuts by itself.

use tidewire_domain::{Page, PageRequest, StoreError};

use crate::cursor::{AgeCursor, Aged};

/// How many rows to ask for: one more than are wanted tells whether there are more.
pub(super) fn rows_to_read(request: &PageRequest) -> i64 {
    i64::from(request.limit.max(1)) + 1
}

/// Where a list begins that is ordered by the moment of making and the id, the newest first: its
/// rows come after these two values.
pub(super) fn start_by_age<I: Aged>(request: &PageRequest) -> Result<(i64, String), StoreError> {
    Ok(match &request.cursor {
        Some(text) => {
            let AgeCursor { created_at, id } = AgeCursor::<I>::decode(text)?;
            (created_at.as_millis(), id.to_string())
        }
        // Sorts after every row.
        None => (i64::MAX, "~".to_owned()),
    })
}

/// The page of the rows that [`rows_to_read`] asked for; `cursor` names the place after its last one.
pub(super) fn page_of<T>(
    mut items: Vec<T>,
    request: &PageRequest,
    cursor: impl FnOnce(&T) -> String,
) -> Page<T> {
    let limit = request.limit.max(1) as usize;
    let has_more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| has_more);
    Page {
        next_cursor: last.map(cursor),
        items,
    }
}
