//! Builds the web UI into the program.
//!
//! `BUILD_UI` in the environment decides: `auto` (the default) builds it where npm is there, and
//! else compiles in a page that says how to get it; `require` fails without it; `skip` takes the
//! page and no time.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

const SOURCES: [&str; 8] = [
    "ui/src",
    "ui/public",
    "ui/index.html",
    "ui/package.json",
    "ui/package-lock.json",
    "ui/vite.config.ts",
    "ui/tsconfig.json",
    "src/ui_missing.html",
];

fn main() {
    println!("cargo::rerun-if-env-changed=BUILD_UI");
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("ui");
    let mode = env::var("BUILD_UI").unwrap_or_else(|_| "auto".into());
    let built = match mode.as_str() {
        "skip" => Err("BUILD_UI=skip".into()),
        "auto" | "require" => build(&out),
        other => panic!("BUILD_UI is {other:?}: expected auto, require or skip"),
    };
    if let Err(reason) = built {
        assert!(mode != "require", "the web UI cannot be built: {reason}");
        if mode == "auto" {
            println!("cargo::warning=building without the web UI: {reason}");
        }
        let _ = fs::remove_dir_all(&out);
        fs::create_dir_all(&out).expect("OUT_DIR can be written");
        fs::copy("src/ui_missing.html", out.join("index.html")).expect("OUT_DIR can be written");
    }
}

fn build(out: &Path) -> Result<(), String> {
    let ui = Path::new("ui");
    npm(ui, &["--version"])?;
    if !is_installed(ui) {
        npm(ui, &["ci", "--no-audit", "--no-fund"])?;
    }
    let out = out
        .to_str()
        .ok_or("the build directory's path is not UTF-8")?;
    npm(
        ui,
        &["run", "build", "--", "--outDir", out, "--emptyOutDir"],
    )
}

/// Whether `npm ci` ran since the lock file changed.
fn is_installed(ui: &Path) -> bool {
    let changed =
        |path: &str| -> Option<SystemTime> { fs::metadata(ui.join(path)).ok()?.modified().ok() };
    match (
        changed("node_modules/.package-lock.json"),
        changed("package-lock.json"),
    ) {
        (Some(installed), Some(locked)) => installed >= locked,
        _ => false,
    }
}

fn npm(ui: &Path, arguments: &[&str]) -> Result<(), String> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(program)
        .args(arguments)
        .current_dir(ui)
        .output()
        .map_err(|error| format!("npm cannot be run ({error}); install Node.js 20 or later"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = if said.trim().is_empty() {
        String::from_utf8_lossy(&output.stdout)
    } else {
        said
    };
    let tail: Vec<&str> = said.lines().rev().take(12).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    Err(format!(
        "npm {} failed: {}",
        arguments.join(" "),
        tail.join(" | ")
    ))
}
