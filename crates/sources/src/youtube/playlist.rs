//! Playlists: `playlistItems.list` of the Data API v3
//! (<https://developers.google.com/youtube/v3/docs/playlistItems/list>).

use std::{collections::BTreeSet, time::Duration};

use jiff::{Timestamp as Instant, ToSpan, Unit, tz::TimeZone};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use tidewire_domain::Timestamp;

use super::YouTube;
use crate::{
    Coverage, Listed, SourceError, Validators,
    entry::{Content, Entry, Listing, MAX_ENTRIES, fingerprint},
    fetch::{Answer, Call},
};

/// The most that one request brings.
const PAGE_SIZE: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    items: Vec<Item>,
    next_page_token: Option<String>,
    #[serde(default, rename = "pageInfo")]
    info: PageInfo,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PageInfo {
    total_results: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(default)]
    snippet: Snippet,
    content_details: ContentDetails,
    #[serde(default)]
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Snippet {
    title: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContentDetails {
    video_id: String,
    video_published_at: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    privacy_status: String,
}

/// All videos of a playlist; never a part of them, since what is missing counts as deleted.
pub(super) async fn list(youtube: &YouTube, playlist_id: &str) -> Result<Listing, SourceError> {
    let mut entries = Vec::new();
    let mut token = None;
    for _ in 0..MAX_ENTRIES.div_ceil(PAGE_SIZE) {
        let page = read_page(youtube, playlist_id, token.as_deref()).await?;
        entries.extend(page.items.into_iter().map(entry));
        token = page.next_page_token.filter(|token| !token.is_empty());
        if token.is_some() {
            continue;
        }
        if entries.is_empty() && page.info.total_results > 0 {
            return Err(SourceError::Unavailable(format!(
                "YouTube says that the playlist {playlist_id} has videos, and shows none"
            )));
        }
        return Ok(Listing {
            entries,
            deleted: BTreeSet::new(),
            coverage: Coverage::Everything,
            // Each page has its own.
            validators: Validators::default(),
        });
    }
    Err(SourceError::TooLarge(format!(
        "the playlist {playlist_id} has more than the {MAX_ENTRIES} videos that are read of one"
    )))
}

async fn read_page(
    youtube: &YouTube,
    playlist_id: &str,
    token: Option<&str>,
) -> Result<Page, SourceError> {
    let mut url = youtube
        .api
        .join("/youtube/v3/playlistItems")
        .map_err(|error| SourceError::Invalid(format!("the YouTube API's base URL: {error}")))?;
    url.query_pairs_mut()
        .append_pair("part", "snippet,contentDetails,status")
        .append_pair("maxResults", &PAGE_SIZE.to_string())
        .append_pair("playlistId", playlist_id)
        .extend_pairs(token.map(|token| ("pageToken", token)));
    let answer = youtube
        .fetcher
        .call(Call {
            url,
            headers: youtube.key_header(),
            json: None,
        })
        .await?;
    if answer.status != StatusCode::OK {
        return Err(failure(youtube, playlist_id, &answer));
    }
    serde_json::from_slice(&answer.body).map_err(|error| {
        SourceError::Malformed(format!(
            "YouTube's list of {playlist_id} is not one: {error}"
        ))
    })
}

fn entry(item: Item) -> Entry {
    let video = item.content_details.video_id;
    let title = item.snippet.title;
    let published = item.content_details.video_published_at;
    // The API's own etag of an item changes with its place in the list.
    let fingerprint = fingerprint(&[
        title.as_bytes(),
        published.as_deref().unwrap_or_default().as_bytes(),
    ]);
    // A video that nobody can watch any more stays in the list, under a title that says so.
    let content = match (item.status.privacy_status.as_str(), title.as_str()) {
        ("private", _) | (_, "Private video") => Content::Missing(SourceError::VideoPrivate {
            video: video.clone(),
        }),
        ("privacyStatusUnspecified", _) | (_, "Deleted video") => {
            Content::Missing(SourceError::VideoDeleted {
                video: video.clone(),
            })
        }
        _ => Content::Transcript(video.clone()),
    };
    Entry {
        url: Some(format!("https://www.youtube.com/watch?v={video}")),
        published: published.and_then(|time| time.parse::<Timestamp>().ok()),
        listed: Listed {
            key: video,
            fingerprint,
        },
        title: Some(title).filter(|title| !title.is_empty()),
        content,
    }
}

/// Errors are `{"error":{"message","errors":[{"reason"}]}}`
/// (<https://developers.google.com/youtube/v3/docs/errors>).
fn failure(youtube: &YouTube, playlist_id: &str, answer: &Answer) -> SourceError {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |pointer: &str| {
        let text = body.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let said = youtube.presentable(&text("/error/message"));
    let status = answer.status;
    match (status.as_u16(), text("/error/errors/0/reason").as_str()) {
        (_, "quotaExceeded" | "dailyLimitExceeded") => SourceError::QuotaExceeded {
            retry_after: until_new_quota(Instant::now()),
        },
        (429, _) | (_, "rateLimitExceeded" | "userRateLimitExceeded") => SourceError::Throttled {
            host: "the YouTube API".into(),
            retry_after: None,
        },
        (404, _) => SourceError::Gone {
            url: format!("the YouTube playlist {playlist_id}, or it is private:"),
            status: 404,
        },
        (_, "playlistItemsNotAccessible") => SourceError::Denied(format!(
            "the YouTube playlist {playlist_id} is private: make it public or unlisted"
        )),
        (400 | 401 | 403, _) => SourceError::Denied(format!(
            "YouTube refuses the API key or what it was asked (status {status}): {said}"
        )),
        (500.., _) => {
            SourceError::Unavailable(format!("the YouTube API answered with status {status}"))
        }
        _ => SourceError::Malformed(format!(
            "the YouTube API answered with status {status}: {said}"
        )),
    }
}

/// Quotas are granted at midnight Pacific time.
fn until_new_quota(now: Instant) -> Duration {
    let midnight = TimeZone::get("America/Los_Angeles").ok().and_then(|zone| {
        let tomorrow = now.to_zoned(zone).checked_add(1.day()).ok()?;
        Some(tomorrow.start_of_day().ok()?.timestamp())
    });
    midnight
        .and_then(|midnight| {
            let wait = midnight.duration_since(now).round(Unit::Second).ok()?;
            Duration::try_from(wait).ok()
        })
        .unwrap_or(Duration::from_hours(24))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_waited_for_until_midnight_in_california() {
        for (now, hours) in [
            ("2026-07-01T06:00:00Z", 1),  // 23:00 in summer
            ("2026-07-01T07:00:00Z", 24), // midnight itself
            ("2026-01-01T06:00:00Z", 2),  // 22:00 in winter
        ] {
            let wait = until_new_quota(now.parse().unwrap());
            assert_eq!(wait, Duration::from_secs(hours * 60 * 60), "{now}");
        }
    }
}
