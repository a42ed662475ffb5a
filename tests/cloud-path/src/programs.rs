//! The programs that the path is made of: found, or built.

use std::path::{Path, PathBuf};

use anyhow::Context;
use tokio::process::Command;

use crate::build::Build;

/// The adapter's version that is tested, and deployed. Its crate carries a lock file.
const ADAPTER_VERSION: &str = "1.0.0-rc1";
/// Where cargo finds our workspace.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What is needed, and what of it is there already.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The app, if it is built.
    pub app: Option<PathBuf>,
    /// The adapter, if it is built.
    pub adapter: Option<PathBuf>,
    /// Whether the adapter is needed.
    pub needs_adapter: bool,
    /// Whether Node is needed.
    pub needs_node: bool,
    /// Whether the app is built for speed.
    pub is_release: bool,
}

/// The programs.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The app.
    pub app: PathBuf,
    /// The Lambda Web Adapter, if it is needed.
    pub adapter: Option<PathBuf>,
    /// Node.js, if it is needed.
    pub node: Option<PathBuf>,
}

impl Programs {
    /// Finds them; builds what is not there, and says so on stderr. Dropping this ends the build.
    pub async fn find(wanted: &Wanted) -> anyhow::Result<Self> {
        // What can only be found comes first: nobody should wait minutes to hear that it is missing.
        let node = if wanted.needs_node {
            Some(find_node()?)
        } else {
            None
        };
        let app = wanted.app.as_deref().map(existing).transpose()?;
        let adapter = wanted.adapter.as_deref().map(existing).transpose()?;
        Ok(Self {
            app: match app {
                Some(app) => app,
                None => build_app(&target_directory()?, wanted.is_release).await?,
            },
            adapter: match adapter {
                _ if !wanted.needs_adapter => None,
                Some(adapter) => Some(adapter),
                None => Some(build_adapter(&target_directory()?).await?),
            },
            node,
        })
    }
}

fn existing(program: &Path) -> anyhow::Result<PathBuf> {
    // An environment runs elsewhere.
    program
        .canonicalize()
        .with_context(|| format!("there is no program {}", program.display()))
}

/// The directory that cargo builds into: this program is `PROFILE/NAME` in it, a test
/// `PROFILE/deps/NAME`.
fn target_directory() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe().context("cannot find out where this program is")?;
    let folder = program.parent().context("this program is in no folder")?;
    let profile = if folder.ends_with("deps") {
        folder.parent()
    } else {
        Some(folder)
    };
    let target = profile.and_then(Path::parent);
    Ok(target
        .context("this program is not in cargo's target directory: name the others by --app and --adapter")?
        .to_owned())
}

async fn build_app(target: &Path, is_release: bool) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--locked", "-p", "tidewire", "--bin", "tidewire"])
        .current_dir(WORKSPACE)
        .env("CARGO_TARGET_DIR", target);
    let profile = if is_release {
        cargo.arg("--release");
        "release"
    } else {
        "debug"
    };
    let program = target.join(profile).join("tidewire");
    let about = format!(
        "Building the app, which all of this stands in front of: some minutes the first time, seconds \
         after a change. It is kept as {}.",
        program.display()
    );
    let way_out = "With --app FILE, one that is built already is taken.";
    let build = Build {
        cargo,
        what: "the app",
        about,
        way_out,
    };
    build.run().await?;
    Ok(program)
}

/// Builds the adapter from its crate, once, with the lock file in that crate.
async fn build_adapter(target: &Path) -> anyhow::Result<PathBuf> {
    let root = target.join(format!("lambda-adapter-{ADAPTER_VERSION}"));
    let program = root.join("bin").join("lambda-adapter");
    if program.exists() {
        return Ok(program);
    }
    let mut cargo = Command::new("cargo");
    cargo
        .args(["install", "--locked", "--bin", "lambda-adapter", "--root"])
        .arg(&root)
        .arg(format!("lambda_web_adapter@{ADAPTER_VERSION}"))
        .env("CARGO_TARGET_DIR", root.join("build"));
    let about = format!(
        "Building the Lambda Web Adapter {ADAPTER_VERSION}, through which Lambda reaches the app: once, \
         about 3 minutes on two cores. It is kept as {}.",
        program.display()
    );
    let way_out = "Its source comes from crates.io. With --adapter FILE, one that is built already is \
                   taken; --front lambda-http goes without it.";
    let build = Build {
        cargo,
        what: "the Lambda Web Adapter",
        about,
        way_out,
    };
    build.run().await?;
    // Only the program is wanted of it.
    std::fs::remove_dir_all(root.join("build")).ok();
    Ok(program)
}

fn find_node() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|dir| dir.join("node"))
        .find(|program| program.is_file())
        .context(
            "Node.js is not installed: CloudFront's functions are JavaScript, and it runs them",
        )
}
