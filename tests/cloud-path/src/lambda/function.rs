//! A function: what runs, and within which bounds.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use crate::listener::Acknowledgement;

/// A function as it is configured.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Where it runs.
    pub region: String,
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Its variables, beside those that Lambda sets.
    pub variables: Vec<(OsString, OsString)>,
    /// The adapter; `None` for a program that asks the Runtime API itself.
    pub adapter: Option<PathBuf>,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// How many environments there may be at once.
    pub concurrency: usize,
    /// Whether an environment is stopped between invocations, as Lambda does.
    pub freezes: bool,
    /// How the Runtime API acknowledges what runtimes send.
    pub acknowledgement: Acknowledgement,
    /// Where the environments' output goes, a file each.
    pub log_dir: PathBuf,
}

impl Function {
    /// Where the environment of this number writes.
    pub(crate) fn log_of(&self, number: u32) -> PathBuf {
        self.log_dir.join(format!("environment-{number}.log"))
    }
}
