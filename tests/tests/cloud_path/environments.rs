//! Environments that start, freeze, crash, run out, and take over from one another.

use std::{fs, path::Path, time::Duration};

use cloud_path::EnvironmentStatus;
use serde_json::{Value, json};
use tidewire_tests::{Event, PathScene, assert_whole_log, finish_reason, soon, text_of};
use tokio::{io::AsyncReadExt, net::TcpStream};

fn started(environments: &[EnvironmentStatus]) -> Vec<u32> {
    environments.iter().map(|one| one.number).collect()
}

async fn kill(process: u32) {
    let sent = tokio::process::Command::new("kill")
        .args(["-KILL", &process.to_string()])
        .status();
    assert!(sent.await.expect("kill runs").success());
}

#[tokio::test]
async fn a_turn_is_read_and_stopped_through_another_environment() {
    let mut scene = PathScene::start().await;
    let conversation = scene.client.conversation().await;
    let mut first = scene.client.say(&conversation, "hello").await;
    let turn = first.turn_id();
    let mut call = scene.upstream.call().await;
    call.say("half ").await;
    first.until_text("half ").await;
    let mut second = scene.client.events(&turn, 0).await;
    second.until_text("half ").await;
    // Each is busy with a stream.
    scene.until_busy(2).await;
    scene.client.stop(&turn).await;
    // The one that produces it learns of the stop from the store, and cancels the call.
    call.closed().await;
    for reader in [first, second] {
        assert_eq!(finish_reason(&reader.rest().await), "stopped");
    }
}

#[tokio::test]
async fn a_turn_goes_on_without_its_client() {
    let mut scene = PathScene::start().await;
    let conversation = scene.client.conversation().await;
    let mut stream = scene.client.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = scene.upstream.call().await;
    call.say("one ").await;
    stream.until_text("one ").await;
    drop(stream);
    call.say("two").await;
    let mut reader = scene.client.events(&turn, 0).await;
    let mut log = reader.until_text("two").await;
    call.finish("stop").await;
    log.extend(reader.rest().await);
    assert_whole_log(&log);
    assert_eq!(text_of(&log), "one two");
}

#[tokio::test]
async fn a_crash_in_mid_answer_ends_the_stream_without_a_last_event_and_loses_nothing_stored() {
    let mut scene = PathScene::start().await;
    let conversation = scene.client.conversation().await;
    let mut stream = scene.client.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = scene.upstream.call().await;
    call.say("so far").await;
    let mut log = stream.until_text("so far").await;
    scene.until_busy(1).await;
    let busy = scene.environments().into_iter().find(|one| one.is_busy);
    // Stored, so that another environment can show it.
    scene
        .client
        .events(&turn, 0)
        .await
        .until_text("so far")
        .await;
    let crashed = busy.expect("it streams");
    kill(crashed.program).await;
    let rest = stream.rest().await;
    let is_last = |event: &Event| event.kind == "turn_finished";
    assert!(
        !rest.iter().any(is_last),
        "nobody was left to say it: {rest:?}"
    );
    scene
        .until_environments("the crashed one is gone", |all| {
            !started(all).contains(&crashed.number)
        })
        .await;
    log.extend(
        scene
            .client
            .events(&turn, log.len() as u64)
            .await
            .rest()
            .await,
    );
    assert_whole_log(&log);
    assert_eq!(
        (text_of(&log).as_str(), finish_reason(&log)),
        ("so far", "interrupted")
    );
    scene.client.expect_healthy().await;
}

/// Whether the system holds the process still.
fn is_stopped(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| rest.starts_with('T'))
}

/// The whole path before one environment that is frozen between invocations.
async fn freezing() -> PathScene {
    PathScene::start_with(
        |site| site,
        |mut options| {
            options.freezes = true;
            options
        },
    )
    .await
}

/// Asks `text`, and waits until the answer is there and the environment frozen. Returns the model's
/// end of the connection that the call came over, which the answer left open.
async fn ask_and_freeze(scene: &mut PathScene, conversation: &str, text: &str) -> TcpStream {
    let stream = scene.client.say(conversation, text).await;
    let kept = scene.upstream.call().await.answer_keeping(text).await;
    let log = stream.rest().await;
    assert_whole_log(&log);
    assert_eq!(text_of(&log), text);
    scene.until_environments("it is frozen", are_frozen).await;
    kept
}

fn are_frozen(all: &[EnvironmentStatus]) -> bool {
    all.iter()
        .all(|one| !one.is_busy && is_stopped(one.program))
}

#[tokio::test]
async fn a_frozen_environment_thaws_and_calls_the_model_again() {
    let mut scene = freezing().await;
    let conversation = scene.client.conversation().await;
    // An answer may be here before its environment asks for more work.
    scene.until_busy(0).await;
    for text in ["one", "two", "three"] {
        let kept = ask_and_freeze(&mut scene, &conversation, text).await;
        // The model gives the connection up while nobody there can notice.
        drop(kept);
    }
    assert_eq!(started(&scene.environments()), [1]);
}

/// How long an environment lies frozen where its connections are to become old. This sleep is what
/// is tried: timers that fall due meanwhile, and what others do with a connection that is silent.
const FREEZE: Duration = Duration::from_mins(1);

#[tokio::test]
#[ignore = "takes a minute"]
async fn after_a_minute_frozen_a_connection_that_the_model_closed_is_not_used() {
    let mut scene = freezing().await;
    let conversation = scene.client.conversation().await;
    scene.until_busy(0).await;
    let kept = ask_and_freeze(&mut scene, &conversation, "before").await;
    tokio::time::sleep(FREEZE / 2).await;
    drop(kept);
    tokio::time::sleep(FREEZE / 2).await;
    assert!(are_frozen(&scene.environments()), "all of the minute");
    ask_and_freeze(&mut scene, &conversation, "after").await;
    assert_eq!(started(&scene.environments()), [1]);
}

#[tokio::test]
#[ignore = "takes a minute"]
async fn after_a_minute_frozen_a_connection_that_nobody_closed_but_nobody_answers_on_is_not_used() {
    let mut scene = freezing().await;
    let conversation = scene.client.conversation().await;
    scene.until_busy(0).await;
    // As where a device on the way forgets it: it is open, and whatever is sent gets no answer.
    let mut kept = ask_and_freeze(&mut scene, &conversation, "before").await;
    tokio::time::sleep(FREEZE).await;
    assert!(are_frozen(&scene.environments()), "all of the minute");
    ask_and_freeze(&mut scene, &conversation, "after").await;
    assert_eq!(started(&scene.environments()), [1]);
    let mut sent = Vec::new();
    soon("it is closed", kept.read_to_end(&mut sent))
        .await
        .unwrap();
    assert!(sent.is_empty(), "{sent:?}");
}

#[tokio::test]
async fn a_burst_starts_environments_and_beyond_the_last_one_is_told_to_come_back() {
    let mut scene = PathScene::start_with(
        |site| site,
        |mut options| {
            options.concurrency = 2;
            options
        },
    )
    .await;
    let mut open = Vec::new();
    for busy in 0..2 {
        let conversation = scene.client.conversation().await;
        scene.until_busy(busy).await;
        let stream = scene.client.say(&conversation, "hello").await;
        open.push((stream, scene.upstream.call().await));
    }
    assert_eq!(started(&scene.environments()), [1, 2]);
    let refused = scene.client.get("/healthz").await;
    assert_eq!(refused.status, 429, "{}", refused.text);
    assert_eq!(
        refused.header("x-amzn-errortype"),
        "TooManyRequestsException"
    );
    for (stream, call) in open {
        call.finish("stop").await;
        assert_eq!(finish_reason(&stream.rest().await), "stop");
    }
    scene
        .until_environments("both are free", |all| all.iter().all(|one| !one.is_busy))
        .await;
    assert_eq!(scene.client.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn an_invocation_that_takes_too_long_is_cut_and_the_next_one_works() {
    let mut scene = PathScene::start_with(
        |site| site,
        |mut options| {
            options.timeout = Duration::from_secs(2);
            options
        },
    )
    .await;
    let conversation = scene.client.conversation().await;
    let mut stream = scene.client.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = scene.upstream.call().await;
    call.say("cut").await;
    let log = stream.until_text("cut").await;
    let rest = stream.rest().await;
    assert!(
        !rest.iter().any(|event| event.kind == "turn_finished"),
        "{rest:?}"
    );
    let rest = scene
        .client
        .events(&turn, log.len() as u64)
        .await
        .rest()
        .await;
    assert_eq!(finish_reason(&rest), "interrupted");
    scene.client.expect_healthy().await;
}

#[tokio::test]
async fn an_app_that_is_slow_to_start_is_waited_for() {
    let delay = |mut options: cloud_path::PathOptions| {
        options
            .variables
            .push(("START_DELAY_MS".into(), "1500".into()));
        options
    };
    let scene = PathScene::start_before_echo(delay).await;
    assert_eq!(scene.client.get("/anything").await.status, 200);
    let environments = scene.environments();
    let [environment] = environments.as_slice() else {
        panic!("one environment");
    };
    assert!(environment.init >= Duration::from_millis(1500));
}

#[tokio::test]
async fn an_app_that_does_not_start_is_an_error_that_tells_nothing_of_it() {
    let scene = PathScene::start_with(
        |site| site,
        |mut options| {
            options.programs.app = Path::new("/bin/false").into();
            options
        },
    )
    .await;
    let answer = soon("an answer", scene.client.get("/healthz")).await;
    assert_eq!(answer.status, 502);
    let said: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(said, json!({"message": "Internal Server Error"}));
    let logs = scene.logs();
    assert!(logs.contains("the program ended"), "{logs}");
    assert!(logs.contains("environment-1.log"), "{logs}");
}
