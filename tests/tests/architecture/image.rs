//! The Dockerfile agrees with the rest of the project, as far as its text can tell.

use std::fs;

use crate::project::{packages, root};

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between `before` and `after`, where they first do.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).map(|(_, rest)| rest);
    let found = rest.and_then(|rest| rest.split_once(after));
    found.unwrap_or_else(|| panic!("{before:?} … {after:?}")).0
}

/// The numbers at the beginning of a version such as `1.95-slim-bookworm`.
fn numbers(version: &str) -> Vec<u32> {
    let end = version.find(|c: char| c != '.' && !c.is_ascii_digit());
    let digits = &version[..end.unwrap_or(version.len())];
    digits
        .split('.')
        .map(|part| part.parse().expect("a number"))
        .collect()
}

/// The stages that are run, with the user of each.
fn users(dockerfile: &str) -> Vec<(&str, Option<&str>)> {
    let stages = dockerfile.split("\nFROM ");
    stages
        .filter(|stage| stage.contains("\nENTRYPOINT "))
        .map(|stage| {
            let mut lines = stage.lines().rev();
            let user = lines.find_map(|line| line.strip_prefix("USER "));
            (between(stage, " AS ", "\n"), user)
        })
        .collect()
}

fn is_a_number_and_not_root(user: &str) -> bool {
    user.split(':')
        .all(|id| id.parse::<u32>().is_ok_and(|id| id > 0))
}

#[test]
fn the_image_holds_the_adapter_that_is_tested() {
    let dockerfile = text("Dockerfile");
    let programs = text("tests/cloud-path/src/programs.rs");
    let tested = between(&programs, "const ADAPTER_VERSION: &str = \"", "\"");
    for page in [&dockerfile, &text("docs/RUNNING.md")] {
        let named = page.matches("lambda_web_adapter@").count().max(1);
        let tested = format!("lambda_web_adapter@{tested}\n");
        assert_eq!(page.matches(&tested).count(), named, "{tested}");
    }
    let path = text("tests/cloud-path/src/path.rs");
    for name in ["READINESS_CHECK_PATH", "INVOKE_MODE", "ASYNC_INIT"] {
        let value = between(&path, &format!("(\"AWS_LWA_{name}\", \""), "\")");
        let set = between(&dockerfile, &format!(" AWS_LWA_{name}="), "\n");
        assert_eq!(set.trim_end_matches(" \\"), value, "{name}");
    }
}

#[test]
fn the_image_is_built_with_a_compiler_that_is_new_enough() {
    let least = text("Cargo.toml");
    let least = between(&least, "\nrust-version = \"", "\"");
    let dockerfile = text("Dockerfile");
    let used = between(&dockerfile, "ARG RUST_IMAGE=rust:", "\n");
    assert!(
        numbers(used) >= numbers(least),
        "{used} is older than {least}"
    );
}

#[test]
fn nothing_in_the_image_runs_as_root() {
    let dockerfile = text("Dockerfile");
    let users = users(&dockerfile);
    assert!(users.iter().any(|(name, _)| *name == "app"), "{users:?}");
    for (name, user) in users {
        let is_safe = user.is_some_and(is_a_number_and_not_root);
        assert!(is_safe, "{name} runs as {user:?}");
    }
    assert!(
        !["0", "root", "65532:0", "tidewire"]
            .into_iter()
            .any(is_a_number_and_not_root)
    );
}

#[test]
fn every_package_is_sent_to_the_build() {
    let ignored = text(".dockerignore");
    for package in packages() {
        let dir = package.dir.split('/').next().unwrap_or_default();
        let is_sent = ignored.lines().any(|l| l.strip_prefix('!') == Some(dir));
        assert!(is_sent, ".dockerignore keeps {dir} away");
    }
}
