//! Files of indexes on this machine's disk.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use tidewire_domain::{BlobKey, BlobStore, IndexFile, PrincipalId};
use tokio::{fs::File, io::AsyncWriteExt, task::spawn_blocking};
use tracing::warn;
use uuid::Uuid;

use crate::index::IndexError;

/// What ends the name of a file that is still being written.
const UNFINISHED: &str = "part";

/// After this long an unfinished file is a dead process's.
const ABANDONED_AFTER: Duration = Duration::from_hours(1);

/// A folder of index files, which processes may share. It may be emptied at any time.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    max_bytes: u64,
}

impl Cache {
    pub(super) const fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self { folder, max_bytes }
    }

    /// Where a file is, once it is here.
    pub(super) fn place(&self, principal: &PrincipalId, file: &IndexFile) -> PathBuf {
        let name = file.path.as_str().replace('/', "-");
        self.folder.join(format!("{}-{name}", mark_of(principal)))
    }

    /// Brings a file here, unless it is here, and returns where it is. Seen whole or not at all.
    pub(super) async fn fetch(
        &self,
        blobs: &dyn BlobStore,
        principal: &PrincipalId,
        file: &IndexFile,
    ) -> Result<PathBuf, IndexError> {
        let place = self.place(principal, file);
        if is_whole(&place, file.size_bytes) {
            return Ok(place);
        }
        let unfinished = self.unfinished()?;
        let key = BlobKey {
            principal: principal.clone(),
            path: file.path.clone(),
        };
        let (_, mut pieces) = blobs.open(&key, file.size_bytes).await?;
        let mut target = File::create(unfinished.path()).await?;
        // Larger writes: each is handed to another thread and back.
        target.set_max_buf_size(1 << 20);
        while let Some(piece) = pieces.try_next().await? {
            target.write_all(&piece).await?;
        }
        target.flush().await?;
        let size_bytes = target.metadata().await?.len();
        if size_bytes != file.size_bytes {
            return Err(IndexError::Corrupt(format!(
                "{} has {size_bytes} bytes, and {} were published",
                file.path, file.size_bytes
            )));
        }
        drop(target);
        self.keep(unfinished, &place).await?;
        Ok(place)
    }

    /// A place for a file that is being written. What is there is deleted with the answer, unless
    /// it is kept.
    pub(super) fn unfinished(&self) -> Result<Unfinished, IndexError> {
        fs::create_dir_all(&self.folder)?;
        let name = format!("{}.{UNFINISHED}", Uuid::new_v4().simple());
        Ok(Unfinished(self.folder.join(name)))
    }

    /// Keeps a finished file, and makes room where there are too many.
    pub(super) async fn keep(&self, file: Unfinished, place: &Path) -> Result<(), IndexError> {
        fs::rename(file.path(), place)?;
        let (folder, max_bytes, kept) = (self.folder.clone(), self.max_bytes, place.to_owned());
        // Nobody's search fails because a folder is not tidy.
        let _ = spawn_blocking(move || {
            if let Err(error) = make_room(&folder, max_bytes, &kept) {
                warn!(%error, folder = %folder.display(), "cannot tidy the cache of indexes");
            }
        })
        .await;
        Ok(())
    }

    /// Throws a file away: it is damaged.
    pub(super) fn discard(&self, principal: &PrincipalId, file: &IndexFile) {
        delete(&self.place(principal, file));
    }

    /// Throws all files of a principal away.
    pub(super) fn discard_all(&self, principal: &PrincipalId) {
        let mark = mark_of(principal);
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&mark) {
                delete(&entry.path());
            }
        }
    }
}

/// A file that is being written.
pub(super) struct Unfinished(PathBuf);

impl Unfinished {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        delete(&self.0);
    }
}

/// A principal's name in names of files, where it must mean nothing.
fn mark_of(principal: &PrincipalId) -> String {
    let hash = Sha256::digest(principal.as_str());
    hex::encode(&hash[..12])
}

/// Whether the file is here; notes that it was used.
fn is_whole(place: &Path, size_bytes: u64) -> bool {
    let Ok(file) = fs::File::open(place) else {
        return false;
    };
    // On a folder that may only be read the order of deletion is that of arrival.
    let _ = file.set_modified(SystemTime::now());
    file.metadata().is_ok_and(|known| known.len() == size_bytes)
}

/// Deletes what was not used for longest until the rest fits, and what dead processes left.
fn make_room(folder: &Path, max_bytes: u64, kept: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // Another process may have deleted it.
        let Ok(known) = entry.metadata() else {
            continue;
        };
        let used_at = known.modified().unwrap_or(now);
        match path.extension().and_then(|name| name.to_str()) {
            Some("sqlite") if path != kept => files.push((used_at, known.len(), path)),
            Some(UNFINISHED)
                if now
                    .duration_since(used_at)
                    .is_ok_and(|age| age > ABANDONED_AFTER) =>
            {
                delete(&path);
            }
            _ => {}
        }
    }
    files.sort_unstable();
    let mut total: u64 = files.iter().map(|(_, size_bytes, _)| size_bytes).sum();
    total += fs::metadata(kept).map_or(0, |known| known.len());
    for (_, size_bytes, path) in files {
        if total <= max_bytes {
            break;
        }
        delete(&path);
        total -= size_bytes;
    }
    Ok(())
}

/// One that another process deleted is deleted.
fn delete(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            warn!(%error, file = %path.display(), "cannot delete a file of the cache of indexes");
        }
        _ => {}
    }
}
