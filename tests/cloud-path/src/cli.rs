//! The command line, and what of the environment goes on to the app.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{Parser, ValueEnum};
use ipnet::IpNet;

use crate::{
    listener::Acknowledgement,
    path::PathOptions,
    programs::{Programs, Wanted},
    trace::Trace,
};

/// What stands between the client and the app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Front {
    /// Everything: WAF, CloudFront, OAC, function URL, Lambda, adapter.
    #[default]
    Path,
    /// A function URL without authorization, Lambda and the adapter.
    Adapter,
    /// A function URL without authorization and Lambda: the app asks the Runtime API itself.
    LambdaHttp,
}

/// Starts CloudFront, OAC, a function URL, Lambda and its adapter on this machine, in front of the
/// app, and prints the address.
///
/// Settings of the app (`TIDEWIRE_…`, `OPENAI_…`, `AWS_LWA_…`) go on to it.
#[derive(Debug, Parser)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[command(name = "cloud-path", version)]
pub struct Cli {
    /// Port of the public address on 127.0.0.1; 0: any.
    #[arg(long, default_value_t = 9080)]
    pub port: u16,
    /// Port of the function URL on 127.0.0.1, which goes past CloudFront; 0: any.
    #[arg(long, default_value_t = 9081)]
    pub function_port: u16,
    /// Who may come in, as the WAF sees it. Connect from another address of 127.0.0.0/8 to be
    /// kept out.
    #[arg(long, value_name = "CIDR", num_args = 1.., default_value = "127.0.0.1/32")]
    pub allow: Vec<IpNet>,
    /// The app's static key; without it one is made and printed.
    #[arg(long)]
    pub key: Option<String>,
    /// How many environments there may be at once: each works on one request at a time.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub concurrency: usize,
    /// Stop the processes of an environment between invocations, as Lambda does.
    #[arg(long)]
    pub freeze: bool,
    /// How long an invocation may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    pub timeout_seconds: u64,
    /// Say what each stage does with each request.
    #[arg(long)]
    pub trace: bool,
    /// Start less than the whole path.
    #[arg(long, value_enum, default_value_t)]
    pub front: Front,
    /// Acknowledge what the runtime sends as late as Linux does by default, to see what Nagle's
    /// algorithm in the adapter then costs.
    #[arg(long)]
    pub delayed_acknowledgements: bool,
    /// Build and run the release build of the app.
    #[arg(long)]
    pub release: bool,
    /// The app, already built.
    #[arg(long, value_name = "FILE")]
    pub app: Option<PathBuf>,
    /// The Lambda Web Adapter, already built.
    #[arg(long, value_name = "FILE")]
    pub adapter: Option<PathBuf>,
    /// Where the app keeps its data; absent: a folder that goes with this program.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

impl Cli {
    /// Finds or builds the programs.
    pub async fn programs(&self) -> anyhow::Result<Programs> {
        Programs::find(&Wanted {
            app: self.app.clone(),
            adapter: self.adapter.clone(),
            needs_adapter: self.front != Front::LambdaHttp,
            needs_node: self.front == Front::Path,
            is_release: self.release,
        })
        .await
    }

    /// What the path is to be like.
    pub fn options(&self, programs: Programs) -> PathOptions {
        PathOptions {
            programs,
            front: self.front,
            port: self.port,
            function_port: self.function_port,
            allowed: self.allow.clone(),
            key: self.key.clone(),
            concurrency: self.concurrency,
            freezes: self.freeze,
            timeout: Duration::from_secs(self.timeout_seconds),
            acknowledgement: if self.delayed_acknowledgements {
                Acknowledgement::Delayed
            } else {
                Acknowledgement::Immediate
            },
            data_dir: self.data_dir.clone(),
            variables: passed_on(),
            trace: if self.trace { Trace::Shown } else { Trace::Off },
        }
    }
}

/// The settings of the app in our own environment.
fn passed_on() -> Vec<(OsString, OsString)> {
    let is_setting = |name: &str| {
        ["TIDEWIRE_", "OPENAI_", "AWS_LWA_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    std::env::vars_os()
        .filter(|(name, _)| name.to_str().is_some_and(is_setting))
        .collect()
}
