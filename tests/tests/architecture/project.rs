//! The project's packages and files.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Directories that hold what others wrote or what is built; hidden ones hold nothing else.
const PASSED_OVER: [&str; 5] = ["target", "node_modules", "dist", "cdk.out", "__pycache__"];
/// Hidden, and ours.
const HIDDEN: [&str; 2] = [".ci", ".github"];

/// The project's directory.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("tests/ is in the project").to_owned()
}

/// A package of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its directory in the project, such as `crates/store`.
    pub(crate) dir: String,
    /// What it depends on, and its build script does; not what its tests do.
    pub(crate) dependencies: Vec<String>,
}

/// The packages of the workspace, as cargo knows them.
pub(crate) fn packages() -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("it has packages");
    packages.iter().map(package).collect()
}

fn package(metadata: &Value) -> Package {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let manifest = PathBuf::from(text(&metadata["manifest_path"]));
    let dir = manifest.parent().expect("it is a file");
    let dir = dir.strip_prefix(root()).expect("in the project");
    let dependencies = metadata["dependencies"].as_array().expect("a list");
    Package {
        name: text(&metadata["name"]),
        dir: dir.display().to_string(),
        dependencies: dependencies
            .iter()
            .filter(|dependency| dependency["kind"] != "dev")
            .map(|dependency| text(&dependency["name"]))
            .collect(),
    }
}

/// A file that somebody of the project wrote.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Its path in the project, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All files with one of these extensions.
pub(crate) fn files(extensions: &[&str]) -> Vec<SourceFile> {
    let mut found = Vec::new();
    collect(&root(), extensions, &mut found);
    assert!(!found.is_empty());
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(dir: &Path, extensions: &[&str], found: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(dir).expect("the project can be read") {
        let path = entry.expect("the project can be read").path();
        let name = path.file_name().and_then(|name| name.to_str());
        if path.is_dir() {
            let name = name.unwrap_or_default();
            let is_hidden = name.starts_with('.') && !HIDDEN.contains(&name);
            if !is_hidden && !PASSED_OVER.contains(&name) {
                collect(&path, extensions, found);
            }
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        if extension.is_some_and(|extension| extensions.contains(&extension))
            && let Ok(text) = fs::read_to_string(&path)
        {
            let path = path.strip_prefix(root()).expect("in the project");
            found.push(SourceFile {
                path: path.display().to_string(),
                text,
            });
        }
    }
}
