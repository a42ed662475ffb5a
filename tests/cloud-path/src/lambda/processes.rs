//! The processes of one environment: the program and, beside it, the adapter.

use std::{ffi::OsString, fs::File, io, net::Ipv4Addr, process::Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use super::function::Function;

/// Both processes, in a group of their own. They are killed when this is dropped.
#[derive(Debug)]
pub(super) struct Processes {
    program: Child,
    adapter: Option<Child>,
    group: Group,
}

/// The processes as something that signals reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    leader: Pid,
    /// The program's process id.
    pub(super) program: u32,
}

impl Group {
    /// Holds all of them still, as Lambda does between invocations.
    pub(super) fn freeze(self) {
        let _ = kill_process_group(self.leader, Signal::STOP);
    }

    /// Lets them go on.
    pub(super) fn thaw(self) {
        let _ = kill_process_group(self.leader, Signal::CONT);
    }

    /// Ends them.
    pub(super) fn kill(self) {
        let _ = kill_process_group(self.leader, Signal::KILL);
    }
}

impl Processes {
    /// Starts them. `api` is where the Runtime API listens, as `HOST:PORT`.
    pub(super) fn start(function: &Function, number: u32, api: &str) -> io::Result<Self> {
        let log = function.log_of(number);
        let log = File::options().create(true).append(true).open(log)?;
        // Each environment of Lambda has a network of its own; here they share one.
        let port = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let variables = variables(function, api, port);
        let mut command = Command::new(&function.command[0]);
        command.args(&function.command[1..]);
        // The order of Lambda is extensions first. The group is named after its first process.
        let mut adapter = match &function.adapter {
            Some(program) => Some(spawn(Command::new(program), &variables, &log, 0)?),
            None => None,
        };
        let leader = adapter.as_ref().and_then(Child::id);
        let group = leader.and_then(|id| i32::try_from(id).ok()).unwrap_or(0);
        let program = match spawn(command, &variables, &log, group) {
            Ok(program) => program,
            Err(error) => {
                if let Some(adapter) = &mut adapter {
                    adapter.start_kill()?;
                }
                return Err(error);
            }
        };
        let gone = || io::Error::other("the program ended at once");
        let id = program.id().ok_or_else(gone)?;
        let leader = i32::try_from(leader.unwrap_or(id)).map_err(io::Error::other)?;
        let group = Group {
            leader: Pid::from_raw(leader).ok_or_else(gone)?,
            program: id,
        };
        Ok(Self {
            program,
            adapter,
            group,
        })
    }

    pub(super) fn group(&self) -> Group {
        self.group
    }

    /// Waits until one of them has ended, and says which and how.
    pub(super) async fn one_ended(&mut self) -> String {
        let adapter = async {
            match &mut self.adapter {
                Some(adapter) => adapter.wait().await,
                None => std::future::pending().await,
            }
        };
        let (who, status) = tokio::select! {
            status = self.program.wait() => ("the program", status),
            status = adapter => ("the adapter", status),
        };
        match status {
            Ok(status) => format!("{who} ended: {status}"),
            Err(error) => format!("{who} cannot be watched: {error}"),
        }
    }

    /// Kills what is left and waits until it is gone.
    pub(super) async fn end(mut self) {
        self.group.kill();
        let _ = self.program.wait().await;
        if let Some(adapter) = &mut self.adapter {
            let _ = adapter.wait().await;
        }
    }
}

fn spawn(
    mut command: Command,
    variables: &[(OsString, OsString)],
    log: &File,
    group: i32,
) -> io::Result<Child> {
    command
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        .process_group(group)
        .kill_on_drop(true)
        .spawn()
}

/// What Lambda sets, then what the function asks for.
fn variables(function: &Function, api: &str, port: u16) -> Vec<(OsString, OsString)> {
    let port = port.to_string();
    let set = [
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        ("AWS_REGION", &function.region),
        ("AWS_DEFAULT_REGION", &function.region),
        // Those of the function's role. They open nothing: they are for SDKs, which sign with them.
        ("AWS_ACCESS_KEY_ID", "ASIAMADEUPROLE000000"),
        ("AWS_SECRET_ACCESS_KEY", "made-up-secret-of-the-role"),
        ("AWS_SESSION_TOKEN", "made-up-session-of-the-role"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("_HANDLER", "bootstrap"),
        ("TZ", ":UTC"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("PORT", &port),
    ];
    let set = set
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()));
    set.chain(function.variables.iter().cloned()).collect()
}
