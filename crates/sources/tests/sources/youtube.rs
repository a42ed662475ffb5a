//! Playlists and transcripts, from a server that answers as YouTube does.

mod transcripts;

use serde_json::{Value, json};
use tidewire_domain::SourceKind;
use tidewire_sources::{Outcome, Reader, SourceError, SourceState, YouTube, YouTubeSettings};
use tidewire_test_scripted_http::{Reply, Step};

use crate::{
    refreshing::run,
    site::{Site, fetcher, status},
};

const KEY: &str = "AIzaSy-test-key";
const PLAYER: &str = "/youtubei/v1/player?prettyPrint=false";

fn list_path(token: &str) -> String {
    let token = if token.is_empty() {
        String::new()
    } else {
        format!("&pageToken={token}")
    };
    format!(
        "/youtube/v3/playlistItems?part=snippet%2CcontentDetails%2Cstatus&maxResults=50\
         &playlistId=PL1{token}"
    )
}

fn playlist() -> SourceKind {
    SourceKind::YoutubePlaylist {
        playlist_id: "PL1".into(),
    }
}

fn reader(site: &Site, languages: &[&str]) -> Reader {
    let settings = YouTubeSettings {
        api_base_url: site.url(""),
        site_base_url: site.url(""),
        languages: languages.iter().map(|&code| code.into()).collect(),
        ..YouTubeSettings::new(KEY.into())
    };
    let fetcher = fetcher();
    let youtube = YouTube::new(fetcher.clone(), settings).unwrap();
    Reader::new(fetcher, Some(youtube))
}

fn video(id: &str, title: &str, privacy: &str, position: u64) -> Value {
    json!({
        "kind": "youtube#playlistItem",
        "etag": format!("{id}-{position}"),
        "snippet": {"title": title, "position": position, "resourceId": {"videoId": id}},
        "contentDetails": {"videoId": id, "videoPublishedAt": "2026-01-02T03:04:05Z"},
        "status": {"privacyStatus": privacy},
    })
}

/// A list of public videos, of one page.
fn list(ids: &[&str]) -> Reply {
    let items: Vec<Value> = (0..)
        .zip(ids)
        .map(|(position, id)| video(id, &format!("Video {id}"), "public", position))
        .collect();
    Reply::json(
        200,
        &json!({"items": items, "pageInfo": {"totalResults": items.len()}}),
    )
}

fn player(status: &str, reason: &str, tracks: &Value) -> Reply {
    Reply::json(
        200,
        &json!({
            "playabilityStatus": {"status": status, "reason": reason},
            "captions": {"playerCaptionsTracklistRenderer": {"captionTracks": tracks}},
        }),
    )
}

fn track(url: &str, language: &str, kind: Option<&str>) -> Value {
    json!({"baseUrl": url, "languageCode": language, "kind": kind, "name": {"runs": []}})
}

fn playable(site: &Site, id: &str) -> Reply {
    let url = site.url(&format!("/api/timedtext?v={id}&fmt=srv3"));
    player("OK", "", &json!([track(&url, "en", Some("asr"))]))
}

fn words(text: &str) -> Reply {
    Reply::json(
        200,
        &json!({"wireMagic": "pb3", "events": [
            {"tStartMs": 0, "dDurationMs": 5000, "id": 1},
            {"tStartMs": 1200, "dDurationMs": 2300, "segs": [{"utf8": text}, {"utf8": " there", "tOffsetMs": 300}]},
            {"tStartMs": 3500, "segs": [{"utf8": "\n"}]},
        ]}),
    )
}

fn api_error(status: u16, reason: &str, message: &str) -> Reply {
    let errors = [json!({"reason": reason, "domain": "youtube.quota", "message": message})];
    Reply::json(
        status,
        &json!({"error": {"code": status, "message": message, "errors": errors}}),
    )
}

async fn refusal(site: &Site) -> SourceError {
    let refresh = reader(site, &[])
        .refresh(&playlist(), SourceState::default())
        .await
        .map(|_| ());
    refresh.unwrap_err()
}

/// What becomes of one video whose player answers this.
async fn transcript(site: &Site, languages: &[&str], reply: Reply) -> Outcome {
    site.reply_next(&list_path(""), list(&["a"]));
    site.reply_next(PLAYER, reply);
    let reader = reader(site, languages);
    let state = SourceState::default();
    reader
        .refresh(&playlist(), state)
        .await
        .unwrap()
        .next()
        .await
        .unwrap()
}

#[tokio::test]
async fn what_is_said_in_a_playlist_comes_with_times() {
    let site = Site::start().await;
    site.reply_next(&list_path(""), list(&["a"]));
    site.reply_next(PLAYER, playable(&site, "a"));
    site.reply_next("/api/timedtext?v=a&fmt=json3", words("Hello <you>"));
    let reader = reader(&site, &[]);
    let mut refresh = reader
        .refresh(&playlist(), SourceState::default())
        .await
        .unwrap();
    let Some(Outcome::Ingest(item)) = refresh.next().await else {
        panic!("there is a video");
    };
    assert_eq!(item.key, "a");
    assert_eq!(item.title.as_deref(), Some("Video a"));
    assert_eq!(
        item.url.as_deref(),
        Some("https://www.youtube.com/watch?v=a")
    );
    assert_eq!(
        item.published.unwrap().to_string(),
        "2026-01-02T03:04:05.000Z"
    );
    assert_eq!(item.media_type, "text/vtt");
    assert_eq!(
        item.bytes,
        "WEBVTT\n\n00:00:01.200 --> 00:00:03.500\nHello &lt;you&gt; there\n"
    );
    let asked = &site.requests()[1]["body"];
    assert_eq!(asked["videoId"], "a");
}

#[tokio::test]
async fn the_key_travels_in_a_header_to_the_api_alone() {
    let site = Site::start().await;
    site.reply_next(&list_path(""), list(&["a"]));
    site.reply_next(PLAYER, playable(&site, "a"));
    site.reply_next("/api/timedtext?v=a&fmt=json3", words("Hello"));
    run(
        &reader(&site, &[]),
        &playlist(),
        &mut SourceState::default(),
    )
    .await;
    let requests = site.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0]["headers"]["x-goog-api-key"], KEY);
    for request in &requests {
        assert!(!request["path"].as_str().unwrap().contains(KEY));
    }
    for request in &requests[1..] {
        assert!(request["headers"].get("x-goog-api-key").is_none());
    }
}

#[tokio::test]
async fn the_key_is_in_no_error() {
    let site = Site::start().await;
    let quoted = format!("API key not valid: {KEY}. Please pass a valid API key.");
    site.reply_next(&list_path(""), api_error(400, "badRequest", &quoted));
    let error = refusal(&site).await;
    assert_eq!(error.code(), "denied");
    assert!(
        error.to_string().contains("API key not valid: ***"),
        "{error}"
    );
    // A redirect would carry the key elsewhere.
    site.reply_next(&list_path(""), status(302).header("location", "/elsewhere"));
    let redirected = refusal(&site).await;
    assert_eq!(redirected.code(), "malformed");
    assert_eq!(site.paths().len(), 2);
    let reader = reader(&site, &[]);
    drop(site);
    let unreachable = reader.refresh(&playlist(), SourceState::default()).await;
    for error in [error, redirected, unreachable.err().unwrap()] {
        assert!(!format!("{error} {error:?}").contains(KEY), "{error:?}");
    }
    assert!(!format!("{:?}", YouTubeSettings::new(KEY.into())).contains(KEY));
}

#[tokio::test]
async fn all_pages_of_a_playlist_are_read() {
    let site = Site::start().await;
    let page = |ids: &[&str], token: Option<&str>| {
        let items: Vec<Value> = ids.iter().map(|id| video(id, id, "private", 0)).collect();
        Reply::json(200, &json!({"items": items, "nextPageToken": token}))
    };
    site.reply_next(&list_path(""), page(&["a", "b"], Some("next")));
    site.reply_next(&list_path("next"), page(&["c"], None));
    let told = run(
        &reader(&site, &[]),
        &playlist(),
        &mut SourceState::default(),
    )
    .await;
    assert_eq!(
        told,
        ["a", "b", "c"].map(|id| format!("failed {id} video_private"))
    );
}

#[tokio::test]
async fn a_playlist_that_breaks_off_deletes_nothing() {
    let site = Site::start().await;
    let first = json!({"items": [video("a", "a", "public", 0)], "nextPageToken": "next"});
    site.reply_next(&list_path(""), Reply::json(200, &first));
    site.reply_next(&list_path("next"), status(500));
    assert_eq!(refusal(&site).await.code(), "unavailable");
    let none = json!({"items": [], "pageInfo": {"totalResults": 7}});
    site.reply_next(&list_path(""), Reply::json(200, &none));
    assert_eq!(refusal(&site).await.code(), "unavailable");
    site.reply_next(
        &list_path(""),
        Reply::new(200, "text/html", [Step::Send("<".into())]),
    );
    assert_eq!(refusal(&site).await.code(), "malformed");
}

#[tokio::test]
async fn a_playlist_without_an_end_is_refused() {
    let site = Site::start().await;
    let page = json!({"items": [], "nextPageToken": "again"});
    site.reply_next(&list_path(""), Reply::json(200, &page));
    for _ in 0..200 {
        site.reply_next(&list_path("again"), Reply::json(200, &page));
    }
    assert_eq!(refusal(&site).await.code(), "too_large");
    assert_eq!(site.paths().len(), 100);
}

#[tokio::test]
async fn what_the_api_refuses_is_told_apart() {
    let site = Site::start().await;
    for (status, reason, code) in [
        (403, "quotaExceeded", "quota_exceeded"),
        (403, "dailyLimitExceeded", "quota_exceeded"),
        (403, "rateLimitExceeded", "throttled"),
        (429, "", "throttled"),
        (403, "playlistItemsNotAccessible", "denied"),
        (403, "accessNotConfigured", "denied"),
        (404, "playlistNotFound", "gone"),
        (500, "backendError", "unavailable"),
    ] {
        site.reply_next(&list_path(""), api_error(status, reason, "said"));
        let error = refusal(&site).await;
        assert_eq!(error.code(), code, "{status} {reason}: {error}");
        if code == "quota_exceeded" {
            assert!(error.retry_after().unwrap().as_secs() <= 25 * 60 * 60);
            assert!(!error.is_permanent());
        }
    }
}

#[tokio::test]
async fn videos_that_nobody_can_watch_are_told_apart_and_deleted_if_they_were_here() {
    let site = Site::start().await;
    let listed = json!({"items": [
        video("a", "Private video", "private", 0),
        video("b", "Deleted video", "privacyStatusUnspecified", 1),
    ]});
    site.reply_next(&list_path(""), list(&["a", "b", "c"]));
    for id in ["a", "b", "c"] {
        site.reply_next(PLAYER, playable(&site, id));
        site.reply_next(&format!("/api/timedtext?v={id}&fmt=json3"), words("Hello"));
    }
    let mut state = SourceState::default();
    run(&reader(&site, &[]), &playlist(), &mut state).await;
    assert_eq!(state.items.len(), 3);
    site.reply_next(&list_path(""), Reply::json(200, &listed));
    let told = run(&reader(&site, &[]), &playlist(), &mut state).await;
    assert_eq!(told, ["gone a", "gone b", "gone c"]);
    // To somebody who adds the playlist now, they are failures.
    site.reply_next(&list_path(""), Reply::json(200, &listed));
    let told = run(&reader(&site, &[]), &playlist(), &mut state).await;
    assert_eq!(told, ["failed a video_private", "failed b video_deleted"]);
}

#[tokio::test]
async fn a_video_that_moves_in_its_playlist_is_not_read_again() {
    let site = Site::start().await;
    let listed = |position| {
        Reply::json(
            200,
            &json!({"items": [video("a", "Title", "public", position)]}),
        )
    };
    site.reply_next(&list_path(""), listed(0));
    site.reply_next(PLAYER, playable(&site, "a"));
    site.reply_next("/api/timedtext?v=a&fmt=json3", words("Hello"));
    site.reply_next(&list_path(""), listed(7));
    let mut state = SourceState::default();
    run(&reader(&site, &[]), &playlist(), &mut state).await;
    assert!(
        run(&reader(&site, &[]), &playlist(), &mut state)
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn without_a_key_the_way_out_is_told() {
    let error = Reader::new(fetcher(), None)
        .refresh(&playlist(), SourceState::default())
        .await
        .err()
        .unwrap();
    assert_eq!(error.code(), "invalid");
    assert!(error.to_string().contains("API key"), "{error}");
    let empty = YouTubeSettings::new(" ".into());
    assert!(YouTube::new(fetcher(), empty).is_err());
}
