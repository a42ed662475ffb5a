//! The programs that the path is made of: found, or built.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

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
    /// Finds them; builds what is not there.
    pub fn find(wanted: &Wanted) -> anyhow::Result<Self> {
        let target = target_directory()?;
        Ok(Self {
            app: match &wanted.app {
                Some(app) => existing(app)?,
                None => build_app(&target, wanted.is_release)?,
            },
            adapter: match &wanted.adapter {
                _ if !wanted.needs_adapter => None,
                Some(adapter) => Some(existing(adapter)?),
                None => Some(build_adapter(&target)?),
            },
            node: if wanted.needs_node {
                Some(find_node()?)
            } else {
                None
            },
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

fn build_app(target: &Path, is_release: bool) -> anyhow::Result<PathBuf> {
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
    run(cargo, "the app")?;
    Ok(target.join(profile).join("tidewire"))
}

/// Builds the adapter from its crate, once, with the lock file in that crate.
fn build_adapter(target: &Path) -> anyhow::Result<PathBuf> {
    let root = target.join(format!("lambda-adapter-{ADAPTER_VERSION}"));
    let program = root.join("bin").join("lambda-adapter");
    if program.exists() {
        return Ok(program);
    }
    eprintln!("Building the Lambda Web Adapter {ADAPTER_VERSION}, once; this takes minutes …");
    let mut cargo = Command::new("cargo");
    cargo
        .args(["install", "--locked", "--bin", "lambda-adapter", "--root"])
        .arg(&root)
        .arg(format!("lambda_web_adapter@{ADAPTER_VERSION}"))
        .env("CARGO_TARGET_DIR", root.join("build"));
    run(cargo, "the Lambda Web Adapter")?;
    // Only the program is wanted of it.
    std::fs::remove_dir_all(root.join("build")).ok();
    Ok(program)
}

fn run(mut cargo: Command, what: &str) -> anyhow::Result<()> {
    let status = cargo
        .status()
        .with_context(|| format!("cannot run cargo to build {what}"))?;
    if !status.success() {
        bail!("cargo could not build {what}: see above");
    }
    Ok(())
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
