//! The source files themselves.

use crate::project::{SourceFile, files};

const LONGEST: usize = 1000;
const LONG: usize = 400;
const LONGEST_MAIN: usize = 60;

fn sources() -> Vec<SourceFile> {
    files(&[
        "rs", "ts", "tsx", "js", "mjs", "css", "py", "sh", "sql", "html",
    ])
}

/// The places in Rust files where one of `needles` stands.
fn places(files: &[SourceFile], needles: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for file in files {
        for (number, line) in (1..).zip(file.text.lines()) {
            if needles.iter().any(|needle| line.contains(needle)) {
                places.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    places
}

#[test]
fn no_file_is_so_long_that_nobody_reads_it() {
    let mut too_long = Vec::new();
    for file in sources() {
        let lines = file.text.lines().count();
        if lines > LONG {
            println!("{lines} lines, to be split by concept: {}", file.path);
        }
        if lines > LONGEST {
            too_long.push(format!("{} has {lines} lines", file.path));
        }
    }
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn what_is_left_to_do_has_an_owner() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let mut ownerless = Vec::new();
    for place in places(&sources(), &marks) {
        for mark in marks {
            let uses = place
                .match_indices(mark)
                .map(|(at, _)| &place[at + mark.len()..]);
            for rest in uses {
                // Only the mark itself: not a word that holds it.
                let is_word = rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
                if !is_word && !rest.starts_with('(') {
                    ownerless.push(place.clone());
                }
            }
        }
    }
    assert!(ownerless.is_empty(), "{ownerless:#?}");
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let rust = files(&["rs"]);
    let allowed = places(&rust, &[concat!("#[", "allow("), concat!("#![", "allow(")]);
    assert!(allowed.is_empty(), "{allowed:#?}");
    for file in &rust {
        for (at, _) in file.text.match_indices(concat!("#[", "expect(")) {
            let end = file.text[at..]
                .find(")]")
                .map_or(file.text.len(), |end| at + end);
            let attribute = &file.text[at..end];
            assert!(
                attribute.contains("reason = "),
                "{}: {attribute}",
                file.path
            );
        }
    }
}

#[test]
fn only_settings_read_the_environment() {
    let ours = |file: &SourceFile| {
        let shipped = ["app/src/", "crates/", "worker/", "edge-signer/"];
        let tested = file.path.contains("/tests/") || file.path.contains("/benches/");
        shipped.iter().any(|dir| file.path.starts_with(dir)) && !tested
    };
    let mut rust = files(&["rs"]);
    rust.retain(|file| ours(file) && !file.path.ends_with("/config.rs"));
    let readers = [
        concat!("env::", "var("),
        concat!("env::", "vars("),
        concat!("env::", "var_os("),
        concat!("env::", "vars_os("),
    ];
    let mut places = places(&rust, &readers);
    // Build scripts are told by cargo in the environment.
    places.retain(|place| !place.contains("build.rs:"));
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn programs_begin_with_a_few_straight_lines_and_mod_files_hold_no_logic() {
    for file in files(&["rs"]) {
        if file.path.starts_with("tests/") {
            continue;
        }
        if file.path.ends_with("src/main.rs") {
            let lines = file.text.lines().count();
            assert!(lines <= LONGEST_MAIN, "{} has {lines} lines", file.path);
        }
        if file.path.ends_with("/mod.rs") {
            let has_logic = file.text.lines().any(|line| line.contains("fn "));
            assert!(!has_logic, "{}", file.path);
        }
    }
}

#[test]
fn every_folder_and_file_is_named_by_what_it_is_about() {
    let vague = [
        "util", "utils", "helper", "helpers", "misc", "common", "manager",
    ];
    for file in sources() {
        let stem = |part: &str| part.split('.').next().unwrap_or_default().to_lowercase();
        let named = file.path.split('/').map(stem);
        for name in named {
            assert!(!vague.contains(&name.as_str()), "{}", file.path);
        }
    }
}
