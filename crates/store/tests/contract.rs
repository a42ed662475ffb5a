//! The contract of the port, on every adapter.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, sync::Arc};

use tidewire_store::{
    SqliteStore,
    contract::{Subject, library},
    library_contract, store_contract,
};

/// The other store on the same file stands for another process.
fn sqlite_subject() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let open = || Arc::new(SqliteStore::open(&path).unwrap());
    Subject::new(open(), open(), folder)
}

fn sqlite_library_subject() -> library::Subject {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let open = || Arc::new(SqliteStore::open(&path).unwrap());
    library::Subject::new(open(), open(), folder)
}

store_contract!(sqlite, async { sqlite_subject() });
library_contract!(sqlite_library, async { sqlite_library_subject() });

/// How many cases stand in the files of this folder; all of them are in its list.
fn count_listed_cases(folder: &str) -> u32 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let listed = fs::read_to_string(folder.join("cases.rs")).unwrap();
    let mut cases = 0;
    for file in fs::read_dir(&folder).unwrap() {
        let file = file.unwrap().path();
        if file.is_dir() {
            continue;
        }
        let topic = file.file_stem().unwrap().to_str().unwrap();
        for line in fs::read_to_string(&file).unwrap().lines() {
            if let Some(case) = line.strip_prefix("pub async fn ") {
                let case = case.split('(').next().unwrap();
                assert!(
                    listed.contains(&format!(" {topic}: {case},")),
                    "{topic}: {case} is missing in cases.rs"
                );
                cases += 1;
            }
        }
    }
    cases
}

#[test]
fn every_case_is_listed() {
    for (folder, least) in [("src/contract", 40), ("src/contract/library", 25)] {
        let cases = count_listed_cases(folder);
        assert!(cases > least, "only {cases} cases were found in {folder}");
    }
}
