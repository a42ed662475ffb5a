//! A build by cargo as whoever waits for it sees it: what it is, how far it is, and where it fails why.

use std::{
    io::{self, IsTerminal},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::progress::Progress;

/// What of cargo's output is shown where a build fails, in lines.
const TAIL_LINES: usize = 30;
/// How often the elapsed time moves on.
const TICK: Duration = Duration::from_secs(1);

/// Something to build.
#[derive(Debug)]
pub(crate) struct Build {
    /// What cargo is asked to do.
    pub(crate) cargo: Command,
    /// Such as `the app`.
    pub(crate) what: &'static str,
    /// One line for whoever waits: what is built, why, how long it takes and where it is kept.
    pub(crate) about: String,
    /// What else can be done where it cannot be built.
    pub(crate) way_out: &'static str,
}

impl Build {
    /// Builds it, and says so on stderr if there is anything to do. Dropping this ends cargo and all
    /// that it has started.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let stderr = io::stderr();
        let is_terminal = stderr.is_terminal();
        self.run_showing(Progress::new(stderr, is_terminal)).await
    }

    async fn run_showing(mut self, mut progress: Progress<impl io::Write>) -> anyhow::Result<()> {
        let (what, way_out) = (self.what, self.way_out);
        let mut cargo = Running::start(&mut self.cargo)
            .with_context(|| format!("cannot run cargo to build {what}. {way_out}"))?;
        let stderr = cargo.child.stderr.take().context("stderr is piped")?;
        let mut lines = BufReader::new(stderr).split(b'\n');
        let mut said = Vec::new();
        let mut tick = tokio::time::interval(TICK);
        let began = Instant::now();
        loop {
            tokio::select! {
                line = lines.next_segment() => {
                    let Some(line) = line? else { break };
                    let line = String::from_utf8_lossy(&line).into_owned();
                    if let Some(status) = status(&line) {
                        progress.announce(&self.about)?;
                        progress.set(status);
                    }
                    said.push(line);
                }
                _ = tick.tick() => progress.tick(began.elapsed())?,
            }
        }
        let ended = cargo.wait().await?;
        progress.clear()?;
        if ended.success() {
            return Ok(progress.built(what, began.elapsed())?);
        }
        progress.show(&said[said.len().saturating_sub(TAIL_LINES)..])?;
        bail!("cargo could not build {what} ({ended}): see above. {way_out}");
    }
}

/// cargo, in a process group of its own: what it starts does not end with it, but with the group.
#[derive(Debug)]
struct Running {
    child: Child,
    group: Option<Pid>,
}

impl Running {
    fn start(cargo: &mut Command) -> io::Result<Self> {
        let child = cargo
            // We draw the progress, and read what it says.
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_TERM_PROGRESS_WHEN", "never")
            .env_remove("CARGO_TERM_QUIET")
            .env_remove("CARGO_TERM_VERBOSE")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Ok(Self {
            child,
            group: id.and_then(Pid::from_raw),
        })
    }

    async fn wait(mut self) -> io::Result<ExitStatus> {
        let ended = self.child.wait().await;
        // Its number may be another's from now on.
        self.group = None;
        ended
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// What cargo says that it does: `Compiling tokio v1.54.0` of a line that has it right-aligned behind
/// spaces. `None` of all else, and of the line that says that there was nothing to do.
fn status(line: &str) -> Option<&str> {
    let verb = line.get(..12)?.trim_start();
    let is_status = line.starts_with(' ')
        && line[12..].starts_with(' ')
        && verb.starts_with(|first: char| first.is_ascii_uppercase())
        && verb.chars().all(|each| each.is_ascii_alphabetic());
    (is_status && verb != "Finished").then(|| line.trim_start())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn build_by(cargo: Command) -> Build {
        Build {
            cargo,
            what: "the thing",
            about: "Building the thing, which is wanted.".into(),
            way_out: "Buy one.",
        }
    }

    /// A build by a script, and what is seen of it by somebody without a terminal.
    async fn run(script: &str) -> (String, anyhow::Result<()>) {
        let mut cargo = Command::new("sh");
        cargo.args(["-c", script]);
        let mut shown = Vec::new();
        let progress = Progress::new(&mut shown, false);
        let ended = build_by(cargo).run_showing(progress).await;
        (String::from_utf8(shown).unwrap(), ended)
    }

    #[tokio::test]
    async fn a_build_says_once_what_it_is_and_nothing_of_cargo() {
        let script = "echo '   Compiling one v1.0.0' >&2; echo '   Compiling two v2.0.0' >&2; \
                      echo 'warning: be sure to add it to your PATH' >&2";
        let (shown, ended) = run(script).await;
        ended.unwrap();
        assert!(
            shown.starts_with("Building the thing, which is wanted.\n"),
            "{shown}"
        );
        assert_eq!(shown.matches("Building").count(), 1, "{shown}");
        assert!(!shown.contains("PATH"), "{shown}");
        assert!(shown.contains("Built the thing in "), "{shown}");
    }

    #[tokio::test]
    async fn of_what_is_built_already_nothing_is_said() {
        let script = "echo '    Finished `dev` profile [unoptimized] target(s) in 0.16s' >&2";
        let (shown, ended) = run(script).await;
        ended.unwrap();
        assert_eq!(shown, "");
    }

    #[tokio::test]
    async fn a_build_that_fails_shows_the_end_of_what_cargo_said_and_the_way_out() {
        let script = "seq 1 100 >&2; echo 'error: no such luck' >&2; exit 7";
        let (shown, ended) = run(script).await;
        let said = format!("{:#}", ended.unwrap_err());
        assert!(said.contains("could not build the thing"), "{said}");
        assert!(said.contains("Buy one."), "{said}");
        assert!(shown.ends_with("\n100\nerror: no such luck\n"), "{shown}");
        assert!(!shown.contains("\n50\n"), "{shown}");
    }

    #[tokio::test]
    async fn a_cargo_that_is_not_there_is_an_error_with_the_way_out() {
        let build = build_by(Command::new("/nonexistent/cargo"));
        let ended = build.run_showing(Progress::new(Vec::new(), false)).await;
        let said = format!("{:#}", ended.unwrap_err());
        assert!(said.contains("cannot run cargo") && said.contains("Buy one."));
    }

    #[tokio::test]
    async fn a_build_that_is_stopped_leaves_no_process() {
        let dir = tempfile::tempdir().unwrap();
        let started = dir.path().join("started");
        // As cargo starts compilers; the pipe is the grandchild's too.
        let script = format!(
            "sleep 1000 & echo $! > {0}.new; mv {0}.new {0}; wait",
            started.display()
        );
        let until_started = async {
            while !started.exists() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            (shown, ended) = run(&script) => panic!("{ended:?}: {shown}"),
            () = until_started => {}
        }
        let compiler = std::fs::read_to_string(&started).unwrap();
        // Dead, and buried as soon as the system gets to it.
        let stat = Path::new("/proc").join(compiler.trim()).join("stat");
        while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn what_cargo_does_is_told_from_what_compilers_say() {
        let compiling = "   Compiling tokio v1.54.0";
        assert_eq!(status(compiling), Some("Compiling tokio v1.54.0"));
        let waiting = "    Blocking waiting for file lock on build directory";
        assert_eq!(
            status(waiting),
            Some("Blocking waiting for file lock on build directory")
        );
        for line in [
            "",
            "short",
            "    Finished `dev` profile",
            "warning: be sure to add it",
            "  --> src/main.rs:1:1",
            "   |     Compiling",
            "äöüäöüäöü äöü",
        ] {
            assert_eq!(status(line), None, "{line}");
        }
    }
}
