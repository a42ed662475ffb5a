//! What is said in a video.
//!
//! There is no public interface for this: the Data API gives captions to a video's owner alone. As
//! other open programs do, this asks for the video as YouTube's Android app does
//! (`/youtubei/v1/player`), which names the caption tracks, and reads a track in the form `json3`.
//! None of it is documented or promised. When it breaks, it breaks here: first look whether
//! [`CLIENT_VERSION`] is still accepted.
//!
//! No robots.txt is asked: this is one request for one video that a person named, not a crawl.

use reqwest::{StatusCode, Url, header::HeaderMap};
use serde::Deserialize;
use serde_json::{Value, json};

use super::vtt::Cue;
use crate::{
    Fetcher, SourceError,
    fetch::{Answer, Call, parse_url},
};

/// The app that is named. Its tracks need no proof of origin token, those of the web page do.
const CLIENT_NAME: &str = "ANDROID";
const CLIENT_VERSION: &str = "20.10.38";

/// A track of captions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Track {
    base_url: String,
    #[serde(default)]
    language_code: String,
    /// `asr` where a machine listened.
    kind: Option<String>,
}

/// A track in the form `json3`.
#[derive(Debug, Deserialize)]
struct Events {
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(default)]
    t_start_ms: u64,
    #[serde(default)]
    d_duration_ms: u64,
    #[serde(default)]
    segs: Vec<Segment>,
}

#[derive(Debug, Deserialize)]
struct Segment {
    #[serde(default)]
    utf8: String,
}

/// The cues of the best track of `video`.
pub(super) async fn read(
    fetcher: &Fetcher,
    site: &Url,
    video: &str,
    languages: &[String],
) -> Result<Vec<Cue>, SourceError> {
    let player = ask_player(fetcher, site, video).await?;
    if let Some(error) = unplayable(video, &player) {
        return Err(error);
    }
    let tracks = player
        .pointer("/captions/playerCaptionsTracklistRenderer/captionTracks")
        .cloned()
        .unwrap_or(Value::Array(Vec::new()));
    let tracks: Vec<Track> = serde_json::from_value(tracks).map_err(|_| not_understood(video))?;
    let Some(track) = best(&tracks, languages) else {
        return Err(no_transcript(video, "has no captions"));
    };
    let cues = read_track(fetcher, site, video, track).await?;
    if cues.is_empty() {
        return Err(no_transcript(video, "has captions without words"));
    }
    Ok(cues)
}

async fn ask_player(fetcher: &Fetcher, site: &Url, video: &str) -> Result<Value, SourceError> {
    let url = site
        .join("/youtubei/v1/player?prettyPrint=false")
        .map_err(|error| SourceError::Invalid(format!("YouTube's base URL: {error}")))?;
    let body = json!({
        "context": {"client": {"clientName": CLIENT_NAME, "clientVersion": CLIENT_VERSION}},
        "videoId": video,
    });
    let call = Call {
        url,
        headers: HeaderMap::new(),
        json: Some(&body),
    };
    let answer = answered(video, fetcher.call(call).await?)?;
    serde_json::from_slice(&answer.body).map_err(|_| not_understood(video))
}

async fn read_track(
    fetcher: &Fetcher,
    site: &Url,
    video: &str,
    track: &Track,
) -> Result<Vec<Cue>, SourceError> {
    let mut url = site
        .join(&track.base_url)
        .ok()
        .filter(|url| url.origin() == site.origin())
        .ok_or_else(|| not_understood(video))?;
    let asks_for_token = url
        .query_pairs()
        .any(|(name, value)| name == "exp" && value.contains("xpe"));
    if asks_for_token {
        return Err(refused());
    }
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "fmt")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair("fmt", "json3");
    let call = Call {
        url: parse_url(url.as_str())?,
        headers: HeaderMap::new(),
        json: None,
    };
    let answer = answered(video, fetcher.call(call).await?)?;
    // What a machine gets that is not believed: a success, and nothing in it.
    if answer.body.is_empty() {
        return Err(refused());
    }
    let events: Events = serde_json::from_slice(&answer.body).map_err(|_| not_understood(video))?;
    Ok(events.events.into_iter().filter_map(cue).collect())
}

fn cue(event: Event) -> Option<Cue> {
    let text: String = event.segs.into_iter().map(|part| part.utf8).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| Cue {
        start_ms: event.t_start_ms,
        end_ms: event.t_start_ms.saturating_add(event.d_duration_ms),
        text: text.to_owned(),
    })
}

/// The best track: a wanted language before others, people before machines.
fn best<'a>(tracks: &'a [Track], languages: &[String]) -> Option<&'a Track> {
    tracks.iter().min_by_key(|track| {
        let language = languages.iter().position(|wanted| {
            let code = track.language_code.as_str();
            let rest = code.strip_prefix(wanted.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
        let is_machine = track.kind.as_deref() == Some("asr");
        (language.unwrap_or(languages.len()), is_machine)
    })
}

/// The reason why a video gives nothing, if there is one.
fn unplayable(video: &str, player: &Value) -> Option<SourceError> {
    let text = |pointer: &str| player.pointer(pointer).and_then(Value::as_str);
    let Some(status) = text("/playabilityStatus/status") else {
        return Some(not_understood(video));
    };
    let reason = text("/playabilityStatus/reason").unwrap_or("for no stated reason");
    let says = reason.to_lowercase();
    match status {
        "OK" => None,
        "LOGIN_REQUIRED" if says.contains("bot") => Some(refused()),
        "LOGIN_REQUIRED" if says.contains("private") => Some(SourceError::VideoPrivate {
            video: video.to_owned(),
        }),
        "ERROR" => Some(SourceError::VideoDeleted {
            video: video.to_owned(),
        }),
        "LIVE_STREAM_OFFLINE" => Some(SourceError::Unavailable(format!(
            "the video {video} has not been broadcast yet"
        ))),
        _ => {
            let reason: String = reason.chars().take(200).collect();
            Some(no_transcript(
                video,
                &format!("cannot be played by everybody ({reason})"),
            ))
        }
    }
}

fn answered(video: &str, answer: Answer) -> Result<Answer, SourceError> {
    match answer.status {
        StatusCode::OK => Ok(answer),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::FORBIDDEN => Err(refused()),
        status if status.is_server_error() => Err(SourceError::Unavailable(format!(
            "YouTube answered with status {status} when asked for the video {video}"
        ))),
        _ => Err(not_understood(video)),
    }
}

fn no_transcript(video: &str, why: &str) -> SourceError {
    SourceError::NoTranscript(format!("the video {video} {why}: {WAY_OUT}"))
}

/// Says nothing of one video, for it holds of all.
fn refused() -> SourceError {
    SourceError::TranscriptsRefused(format!(
        "YouTube gives no transcripts to this server, as to most addresses of clouds: {WAY_OUT}"
    ))
}

fn not_understood(video: &str) -> SourceError {
    SourceError::Malformed(format!(
        "YouTube's answer for the video {video} is not understood, it may have changed: {WAY_OUT}"
    ))
}

const WAY_OUT: &str = "upload the transcript as a VTT or SRT file";
