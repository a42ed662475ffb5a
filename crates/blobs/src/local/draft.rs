//! A file that is being written.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind, Write},
    path::Path,
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tidewire_domain::BlobInfo;

use super::etag;

/// How often a file is put in place again whose folder was deleted, as empty, in between.
const ATTEMPTS: u32 = 16;

/// What becomes of a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    /// It is replaced.
    Replace,
    /// It stays, and [`ErrorKind::AlreadyExists`] says so.
    New,
}

/// A file without a place among the blobs. It is removed when it is dropped before it has one.
#[derive(Debug)]
pub(super) struct Draft {
    file: NamedTempFile,
    hash: Sha256,
    size_bytes: u64,
}

impl Draft {
    /// An empty one in the folder of drafts.
    pub(super) fn create(drafts: &Path) -> io::Result<Self> {
        loop {
            let file = NamedTempFile::new_in(drafts)?;
            // As long as it is locked, nobody takes it for a leftover; somebody may have before.
            file.as_file().lock()?;
            if file.path().exists() {
                return Ok(Self {
                    file,
                    hash: Sha256::new(),
                    size_bytes: 0,
                });
            }
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.size_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Brings the whole file to the disk, and then to its place at `target` under `root`.
    pub(super) fn place(
        self,
        root: &Path,
        target: &Path,
        placement: Placement,
    ) -> io::Result<BlobInfo> {
        let info = BlobInfo {
            size_bytes: self.size_bytes,
            etag: hex::encode(self.hash.finalize()),
        };
        etag::keep(self.file.as_file(), &info.etag)?;
        self.file.as_file().sync_all()?;
        let folder = target.parent().unwrap_or(root);
        let mut file = self.file;
        for _ in 0..ATTEMPTS {
            make_folder(root, folder)?;
            let placed = match placement {
                Placement::Replace => file.persist(target),
                Placement::New => file.persist_noclobber(target),
            };
            match placed {
                Ok(_) => {
                    sync_folder(folder)?;
                    return Ok(info);
                }
                Err(error) if error.error.kind() == ErrorKind::NotFound => file = error.file,
                Err(error) => return Err(error.error),
            }
        }
        Err(ErrorKind::NotFound.into())
    }
}

/// Makes the folder, which only this user may enter, and those above it.
pub(super) fn make_folder(root: &Path, folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    for above in folder.ancestors().skip(1) {
        sync_folder(above)?;
        if above == root {
            break;
        }
    }
    Ok(())
}

/// Brings the names in a folder to the disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere folders cannot be opened.
    if cfg!(unix) {
        match File::open(folder) {
            Ok(folder) => folder.sync_all()?,
            // Emptied and deleted since.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Removes drafts that nobody writes any more: what a crash left behind.
pub(super) fn sweep(drafts: &Path) -> io::Result<()> {
    for entry in fs::read_dir(drafts)? {
        let path = entry?.path();
        // Whoever writes it has locked it.
        if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            // Another process may be sweeping, too.
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}
