//! What is said in a video, or why nobody can know.

use super::*;

#[tokio::test]
async fn why_there_is_no_transcript_is_told_with_the_way_out() {
    let site = Site::start().await;
    let none = json!([]);
    let token = track(&site.url("/api/timedtext?v=a&exp=xpe"), "en", None);
    let elsewhere = track("http://127.0.0.2/api/timedtext?v=a", "en", None);
    let cases = [
        (player("OK", "", &none), "no_transcript"),
        (
            player(
                "LOGIN_REQUIRED",
                "Sign in to confirm you’re not a bot",
                &none,
            ),
            "transcripts_refused",
        ),
        (
            player("LOGIN_REQUIRED", "This is a private video", &none),
            "video_private",
        ),
        (
            player(
                "LOGIN_REQUIRED",
                "This video may be inappropriate for some users.",
                &none,
            ),
            "no_transcript",
        ),
        (player("ERROR", "Video unavailable", &none), "video_deleted"),
        (player("UNPLAYABLE", "Members only", &none), "no_transcript"),
        (
            player("LIVE_STREAM_OFFLINE", "Premieres soon", &none),
            "unavailable",
        ),
        (player("OK", "", &json!([token])), "transcripts_refused"),
        (player("OK", "", &json!([elsewhere])), "malformed"),
        (player("OK", "", &json!("not tracks")), "malformed"),
        (Reply::json(200, &json!({})), "malformed"),
        (status(429), "transcripts_refused"),
        (status(403), "transcripts_refused"),
        (status(500), "unavailable"),
        (status(400), "malformed"),
    ];
    for (reply, code) in cases {
        let Outcome::Failed(failure) = transcript(&site, &[], reply).await else {
            panic!("{code} was expected");
        };
        assert_eq!(failure.key, "a");
        assert_eq!(failure.error.code(), code, "{}", failure.error);
        if ["no_transcript", "transcripts_refused"].contains(&code) {
            let text = failure.error.to_string();
            assert!(
                text.contains("upload the transcript as a VTT or SRT file"),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn captions_that_come_empty_are_a_refusal() {
    let site = Site::start().await;
    let answers = [
        (status(200), "transcripts_refused"),
        (Reply::json(200, &json!({"events": []})), "no_transcript"),
    ];
    for (reply, code) in answers {
        site.reply_next("/api/timedtext?v=a&fmt=json3", reply);
        let Outcome::Failed(failure) = transcript(&site, &[], playable(&site, "a")).await else {
            panic!("{code} was expected");
        };
        assert_eq!(failure.error.code(), code);
    }
}

#[tokio::test]
async fn once_transcripts_are_refused_no_more_are_asked_for_in_that_run() {
    let site = Site::start().await;
    site.reply_next(&list_path(""), list(&["a", "b", "c"]));
    site.reply_next(PLAYER, status(429));
    let told = run(
        &reader(&site, &[]),
        &playlist(),
        &mut SourceState::default(),
    )
    .await;
    assert_eq!(
        told,
        ["a", "b", "c"].map(|id| format!("failed {id} transcripts_refused"))
    );
    assert_eq!(site.paths(), [list_path("").as_str(), PLAYER]);
}

#[tokio::test]
async fn the_best_captions_are_taken() {
    let site = Site::start().await;
    let tracks = json!([
        track(&site.url("/api/timedtext?t=en-asr"), "en", Some("asr")),
        track(&site.url("/api/timedtext?t=fr"), "fr", None),
        track(&site.url("/api/timedtext?t=en-GB"), "en-GB", None),
        track(&site.url("/api/timedtext?t=enm"), "enm", None),
    ]);
    for (languages, taken) in [
        (&["en"][..], "en-GB"),
        (&["de", "fr", "en"], "fr"),
        (&["enm"], "enm"),
        (&["de"], "fr"),
        (&[], "fr"),
    ] {
        let path = format!("/api/timedtext?t={taken}&fmt=json3");
        site.reply_next(&path, words(taken));
        let outcome = transcript(&site, languages, player("OK", "", &tracks)).await;
        assert!(
            matches!(outcome, Outcome::Ingest(_)),
            "{languages:?}: {outcome:?}"
        );
    }
}
