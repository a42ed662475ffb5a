//! What the tests play with.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use tidewire_blobs::LocalBlobs;
use tidewire_domain::{BlobKey, PrincipalId, UploadTerms};

/// A folder for a store.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.0.path().join("data/blobs")
    }

    pub(crate) fn open(&self) -> LocalBlobs {
        LocalBlobs::open(&self.root(), &[7; 32]).unwrap()
    }

    /// All files and folders, relative to the root, in order.
    pub(crate) fn tree(&self) -> Vec<String> {
        let mut found = Vec::new();
        walk(&self.root(), &self.root(), &mut found);
        found.sort();
        found
    }
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let relative = path.strip_prefix(root).unwrap();
        found.push(relative.to_str().unwrap().to_owned());
        if path.is_dir() {
            walk(root, &path, found);
        }
    }
}

pub(crate) fn key(path: &str) -> BlobKey {
    BlobKey::new(&PrincipalId::new("alice"), path).unwrap()
}

pub(crate) fn terms(max_bytes: u64) -> UploadTerms {
    UploadTerms {
        media_type: "text/plain".into(),
        max_bytes,
    }
}
