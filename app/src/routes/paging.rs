//! Lists in pages.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tidewire_domain::{Page, PageRequest};
use utoipa::{IntoParams, ToSchema};

use crate::http::problem::Problem;

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

/// Which page of a list is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// How many rows at most: 1 to 200, 50 where absent.
    limit: Option<u32>,
    /// Where the page starts: `next_cursor` of the page before it.
    cursor: Option<String>,
}

impl Paging {
    pub(crate) fn into_request(self) -> Result<PageRequest, Problem> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Problem::invalid(format!(
                "limit is {limit}: expected 1 to {MAX_LIMIT}."
            )));
        }
        Ok(PageRequest {
            limit,
            cursor: self.cursor.filter(|cursor| !cursor.is_empty()),
        })
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageBody<T> {
    /// The rows.
    items: Vec<T>,
    /// Where the next page starts; null on the last one.
    next_cursor: Option<String>,
}

impl<T> From<Page<T>> for PageBody<T> {
    fn from(page: Page<T>) -> Self {
        Self {
            items: page.items,
            next_cursor: page.next_cursor,
        }
    }
}

/// A query string, with our errors.
pub(crate) struct Queried<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Queried<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(query)| Self(query))
            .map_err(|rejection| Problem::invalid(format!("{}.", rejection.body_text())))
    }
}
