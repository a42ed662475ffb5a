//! Servers under test, each a process of its own on one core, and what the kernel says of them.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::http::blocking_get;

/// A server that runs until it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From the start of its process to its first `200` of `/readyz`.
    pub(crate) cold_start: Duration,
    _data: Option<TempDir>,
}

/// Where a program of this build is: beside this one.
pub(crate) fn built(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let program = here.parent().context("no folder")?.join(name);
    if !program.exists() {
        bail!(
            "{} is missing: cargo build --release --workspace",
            program.display()
        );
    }
    Ok(program)
}

/// How to start a server.
pub(crate) struct Launch {
    program: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    data: Option<PathBuf>,
    core: Option<u32>,
}

impl Launch {
    /// A program of this build: it stands beside this one.
    pub(crate) fn built(name: &str) -> Result<Self> {
        Ok(Self::new(built(name)?))
    }

    /// Any program.
    pub(crate) fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            variables: Vec::new(),
            data: None,
            core: None,
        }
    }

    /// Adds an argument.
    pub(crate) fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Sets a variable.
    pub(crate) fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Keeps the server's data here instead of in a folder of its own.
    pub(crate) fn data(mut self, dir: &Path) -> Self {
        self.data = Some(dir.into());
        self
    }

    /// Holds the server on one core.
    pub(crate) fn on_core(mut self, core: u32) -> Self {
        self.core = Some(core);
        self
    }

    /// Starts it and waits until it is ready.
    pub(crate) fn start(self) -> Result<Server> {
        let port = free_port()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let own = if self.data.is_none() {
            Some(tempfile::tempdir()?)
        } else {
            None
        };
        let data = self
            .data
            .as_deref()
            .or(own.as_ref().map(TempDir::path))
            .context("no data directory")?;
        let mut command = match self.core {
            Some(core) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &core.to_string()]).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command
            .args(
                self.arguments
                    .iter()
                    .map(|argument| argument.replace("{port}", &port.to_string())),
            )
            .env("PORT", port.to_string())
            .env("TIDEWIRE_DATA_DIR", data)
            .env("TIDEWIRE_LOG__FILTER", "warn")
            .envs(self.variables)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let began = Instant::now();
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        while !blocking_get(address, "/readyz") {
            if let Some(status) = child.try_wait()? {
                bail!("{} ended at once: {status}", self.program.display());
            }
            if began.elapsed() > Duration::from_secs(30) {
                child.kill()?;
                bail!("{} was not ready within 30 s", self.program.display());
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(Server {
            cold_start: began.elapsed(),
            child,
            address,
            _data: own,
        })
    }
}

impl Server {
    /// Resident memory, in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        resident_bytes_of(self.child.id())
    }

    /// Time on a core so far, all threads together.
    pub(crate) fn cpu(&self) -> Duration {
        cpu_of(self.child.id())
    }
}

/// Resident memory of a process, in bytes.
pub(crate) fn resident_bytes_of(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status"));
    status
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}

/// Time on a core of a process so far, all threads together.
pub(crate) fn cpu_of(process: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{process}/task"));
    let nanos = tasks
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split_whitespace().next()?.parse::<u64>().ok())
        .sum();
    Duration::from_nanos(nanos)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
