//! The contract of the port, on every adapter.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, sync::Arc};

use tidewire_store::{SqliteStore, contract::Subject, store_contract};

/// The other store on the same file stands for another process.
fn sqlite_subject() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let open = || Arc::new(SqliteStore::open(&path).unwrap());
    Subject::new(open(), open(), folder)
}

store_contract!(sqlite, async { sqlite_subject() });

#[test]
fn every_case_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    let listed = fs::read_to_string(folder.join("cases.rs")).unwrap();
    let mut cases = 0;
    for file in fs::read_dir(&folder).unwrap() {
        let file = file.unwrap().path();
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
    assert!(cases > 40, "only {cases} cases were found");
}
