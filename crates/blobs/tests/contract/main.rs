//! The contract of the port, on every adapter.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod route;

use std::{fs, path::Path, sync::Arc};

use tidewire_blobs::{LocalBlobs, blobs_contract, contract::Subject};

/// The other store on the same folder stands for another process.
async fn local_subject() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let open = || LocalBlobs::open(&folder.path().join("blobs"), &[7; 32]).unwrap();
    let server = route::serve(open()).await;
    let base_url = format!("http://{}", server.address());
    let (store, other) = (Arc::new(open()), Arc::new(open()));
    Subject::new(store, other, &base_url, (folder, server))
}

blobs_contract!(local, local_subject());

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
    assert!(cases > 15, "only {cases} cases were found");
}
