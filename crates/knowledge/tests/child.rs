//! How children end, and what is told of it. Most of them are shell scripts.
#![cfg(target_os = "linux")]

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use tidewire_knowledge::extract::{ExtractError, Extracted, Extractor, Hint, Limits, Source};
use tokio::task::JoinHandle;

fn script(text: &str, limits: Limits) -> Extractor {
    let args = vec!["-c".into(), text.into()];
    Extractor::new("/bin/sh".into(), args, limits)
}

async fn run(extractor: &Extractor) -> Result<Extracted, ExtractError> {
    extractor
        .extract(Source::Bytes(b"words"), Hint::default(), &mut |_, _| {})
        .await
}

async fn end_of(text: &str) -> ExtractError {
    let read = run(&script(text, Limits::default())).await;
    read.expect_err("it breaks down")
}

const READY: &str = "echo '{\"ready\":1}';";

#[tokio::test]
async fn a_program_that_is_no_child_of_ours_is_not_the_documents_fault() {
    let nowhere = Extractor::new("/nowhere".into(), Vec::new(), Limits::default());
    for error in [
        run(&nowhere).await.unwrap_err(),
        end_of("exit 2").await,
        end_of("echo hello").await,
        end_of("echo '{\"ready\":999}'").await,
        end_of("echo '{\"done\":null}'").await,
    ] {
        assert!(matches!(error, ExtractError::Unavailable(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_child_that_breaks_down_is_told_by_how_it_ended() {
    for (end, word) in [
        ("exit 3", "exit status: 3"),
        ("kill -SEGV $$", "signal: 11"),
        ("echo garbage", "no frame"),
        ("echo '{\"ready\":1}'", "no frame"),
        (
            "echo \"thread 'x' panicked at a.rs:1\nsecret\" >&2; exit 1",
            "a.rs:1",
        ),
    ] {
        let error = end_of(&format!("{READY}{end}")).await;
        let ExtractError::Crashed { detail } = &error else {
            panic!("{error:?}");
        };
        assert!(
            detail.contains(word) && !detail.contains("secret"),
            "{detail}"
        );
    }
}

#[tokio::test]
async fn a_child_that_meets_its_limits_is_told_by_which() {
    let error = end_of(&format!("{READY}kill -XCPU $$")).await;
    assert!(matches!(error, ExtractError::TooLong(_)), "{error:?}");
    let error = end_of(&format!(
        "{READY}echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$"
    ))
    .await;
    assert!(matches!(error, ExtractError::TooLarge(_)), "{error:?}");
    let limits = Limits {
        output_bytes: 1 << 20,
        ..Limits::default()
    };
    let flood = script(&format!("{READY}yes '{{\"pages\":[1,1]}}'"), limits.clone());
    assert!(matches!(run(&flood).await, Err(ExtractError::TooLarge(_))));
    let line = script(&format!("{READY}yes | tr -d '\\n'"), limits);
    assert!(matches!(run(&line).await, Err(ExtractError::TooLarge(_))));
}

#[tokio::test]
async fn a_child_gets_no_environment_and_runs_in_the_root_directory() {
    let told = format!("{READY}echo \"{{\\\"done\\\":\\\"$PWD$CARGO_MANIFEST_DIR$HOME\\\"}}\"");
    let read = run(&script(&told, Limits::default())).await.unwrap();
    assert_eq!(read.title.as_deref(), Some("/"));
}

#[tokio::test]
async fn what_a_child_says_after_its_last_word_is_not_heard() {
    let more = format!("{READY}echo '{{\"done\":\"a\"}}'; echo garbage; exec sleep 1000");
    let read = run(&script(&more, Limits::default())).await.unwrap();
    assert_eq!(read.title.as_deref(), Some("a"));
}

/// A pipe with a name, which a child and what it starts hold open until they end.
struct Held {
    path: PathBuf,
    writer: File,
    reader: JoinHandle<()>,
}

impl Held {
    fn new(folder: &Path) -> Self {
        let path = folder.join("fifo");
        let made = Command::new("mkfifo").arg(&path).status().expect("it runs");
        assert!(made.success());
        let reader = tokio::task::spawn_blocking({
            let path = path.clone();
            move || {
                let mut end = File::open(path).expect("it is there");
                end.read_to_end(&mut Vec::new()).expect("it ends");
            }
        });
        let writer = File::options().write(true).open(&path);
        Self {
            writer: writer.expect("it is read"),
            path,
            reader,
        }
    }

    /// A child that starts another, and never ends.
    fn child(&self) -> String {
        let path = self.path.display();
        format!("{READY}exec 3>{path}; sleep 1000 & echo '{{\"pages\":[1,2]}}'; sleep 1000")
    }

    /// Waits until nobody but us holds it.
    async fn let_go(self) {
        drop(self.writer);
        self.reader.await.expect("it ends");
    }
}

#[tokio::test]
async fn a_child_that_takes_too_long_is_killed_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let held = Held::new(folder.path());
    let limits = Limits {
        wall: Duration::from_secs(2),
        ..Limits::default()
    };
    let error = run(&script(&held.child(), limits)).await.unwrap_err();
    assert!(matches!(error, ExtractError::TooLong(_)), "{error:?}");
    held.let_go().await;
}

#[tokio::test]
async fn a_child_is_killed_when_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let held = Held::new(folder.path());
    let (started, mut is_started) = tokio::sync::mpsc::unbounded_channel();
    let extractor = script(&held.child(), Limits::default());
    let mut on_pages = |done, total| {
        let _ = started.send((done, total));
    };
    tokio::select! {
        read = extractor.extract(Source::Bytes(b"words"), Hint::default(), &mut on_pages) => panic!("{read:?}"),
        pages = is_started.recv() => assert_eq!(pages, Some((1, 2))),
    }
    held.let_go().await;
}

#[test]
fn the_child_gives_up_what_it_does_not_need_before_it_reads_the_file() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tidewire-extract"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let limits = r#"{"memory_bytes":536870912,"cpu_seconds":7,"text_bytes":1000}"#;
    writeln!(
        stdin,
        r#"{{"file_name":"a","media_type":"","size_bytes":5,"limits":{limits}}}"#
    )
    .unwrap();
    let mut ready = String::new();
    stdout.read_line(&mut ready).unwrap();
    assert_eq!(ready, "{\"ready\":1}\n");

    let proc = format!("/proc/{}", child.id());
    let set = fs::read_to_string(format!("{proc}/limits")).unwrap();
    for (name, value) in [
        ("Max address space", "536870912 536870912"),
        ("Max cpu time", "7 8"),
        ("Max core file size", "0 0"),
        ("Max file size", "0 0"),
        ("Max open files", "0 0"),
        ("Max processes", "0 0"),
    ] {
        let line = set.lines().find(|line| line.starts_with(name)).unwrap();
        let words: Vec<_> = line[name.len()..].split_whitespace().take(2).collect();
        assert_eq!(words.join(" "), value, "{line}");
    }
    // The thread that will read it.
    let threads = fs::read_dir(format!("{proc}/task")).unwrap();
    let statuses = threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("status")));
    let mut reader = statuses
        .map(Result::unwrap)
        .filter(|status| status.contains("Name:\treader"));
    assert!(reader.next().unwrap().contains("NoNewPrivs:\t1"));

    stdin.write_all(b"words").unwrap();
    drop(stdin);
    let mut answer = String::new();
    stdout.read_to_string(&mut answer).unwrap();
    assert_eq!(
        answer,
        "{\"blocks\":[{\"kind\":\"paragraph\",\"text\":\"words\"}]}\n{\"done\":null}\n"
    );
    assert!(child.wait().unwrap().success());
}
