//! The app as a process of its own, so that it can be killed and its log be read.

use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use crate::{Client, Site, key_of, soon};

/// A running process. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
    reading: JoinHandle<()>,
}

/// The program, as cargo built it for the test that runs.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("CARGO_BIN_EXE_tidewire-under-test")
        .expect("cargo tells tests where the programs of their package are")
        .into()
}

impl Process {
    pub(crate) async fn start(site: &Site) -> Self {
        Self::start_command(site, Command::new(program())).await
    }

    /// Starts the program through a shell script that ends in `exec "$0"`.
    pub async fn start_in_shell(site: &Site, script: &str) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(program());
        Self::start_command(site, shell).await
    }

    async fn start_command(site: &Site, mut command: Command) -> Self {
        let mut child = command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(site.variables())
            .current_dir(site.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        let stderr = child.stderr.take().expect("stderr is piped");
        let reading = tokio::spawn(keep_lines(stderr, Arc::clone(&log)));
        let stdout = child.stdout.take().expect("stdout is piped");
        let address = soon("the program says its address", find_address(stdout)).await;
        let address =
            address.unwrap_or_else(|| panic!("the program did not start: {}", told(&log)));
        Self {
            child,
            address,
            log,
            reading,
        }
    }

    /// Its address, such as `127.0.0.1:4000`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A client that shows no key.
    pub fn client(&self) -> Client {
        Client::new(&self.address)
    }

    /// The client of a principal.
    pub fn client_of(&self, name: &str) -> Client {
        self.client().with_key(&key_of(name))
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the process runs")
    }

    /// Ends it as a crash does, at once and without a last word.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the process can be killed");
    }

    /// Asks it to end, as platforms do.
    pub async fn terminate(&self) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().await;
        assert!(sent.expect("kill runs").success());
    }

    /// Waits until it has ended by itself. Returns how, and all that it wrote to its log.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let status = soon("the process ends", self.child.wait()).await;
        soon("its log ends", &mut self.reading).await.expect("read");
        (
            status.expect("the process can be waited for"),
            told(&self.log),
        )
    }
}

fn told(log: &Mutex<String>) -> String {
    log.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

async fn keep_lines(stderr: impl AsyncRead + Unpin, log: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_str(&line);
        log.push('\n');
    }
}

async fn find_address(stdout: impl AsyncRead + Unpin + Send + 'static) -> Option<String> {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some((_, address)) = line.split_once("http://") {
            let address = address.trim().to_owned();
            // What it says later must not meet a closed pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Some(address);
        }
    }
    None
}
