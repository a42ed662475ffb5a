//! A file's content hash, kept beside its content.

use std::{
    fs::{File, Metadata},
    io::{self, Read, Seek},
    time::UNIX_EPOCH,
};

use sha2::{Digest, Sha256};

/// The attribute of the file that holds the hash of its content. Not every file system has
/// attributes, and not every copy brings them along: then the file is read.
#[cfg(any(target_os = "linux", target_os = "macos"))]
const ATTRIBUTE: &str = "user.tidewire.sha256";

/// Keeps the hash of what was written into the file, where that can be.
pub(super) fn keep(file: &File, hash: &str) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        let value = attribute(hash, &file.metadata()?);
        let flags = rustix::fs::XattrFlags::empty();
        // It can be computed again.
        let _ = rustix::fs::fsetxattr(file, ATTRIBUTE, value.as_bytes(), flags);
    }
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    let _ = (file, hash);
    Ok(())
}

/// The hash of the file's content, in hexadecimal. Leaves the file at its beginning.
pub(super) fn of(file: &mut File, metadata: &Metadata) -> io::Result<String> {
    if let Some(hash) = kept(file, metadata) {
        return Ok(hash);
    }
    let mut hash = Sha256::new();
    let mut piece = vec![0; 256 << 10];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            read => hash.update(&piece[..read]),
        }
    }
    file.rewind()?;
    Ok(hex::encode(hash.finalize()))
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn kept(file: &File, metadata: &Metadata) -> Option<String> {
    let mut value = [0; 160];
    let length = rustix::fs::fgetxattr(file, ATTRIBUTE, &mut value[..]).ok()?;
    let value = std::str::from_utf8(value.get(..length)?).ok()?;
    let hash = value.split(' ').next()?;
    // Somebody may have written into the file since.
    (attribute(hash, metadata) == value).then(|| hash.to_owned())
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn kept(_: &File, _: &Metadata) -> Option<String> {
    None
}

/// The hash, with what would change if the content did.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn attribute(hash: &str, metadata: &Metadata) -> String {
    let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
    let modified = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{hash} {} {}", metadata.len(), modified.as_nanos())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn of_path(path: &std::path::Path) -> String {
        let mut file = File::open(path).unwrap();
        let metadata = file.metadata().unwrap();
        let hash = of(&mut file, &metadata).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert_eq!(content.len() as u64, metadata.len());
        hash
    }

    #[test]
    fn a_kept_hash_is_not_believed_once_the_file_was_written() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"one").unwrap();
        let one = of_path(file.path());
        assert_eq!(one, hex::encode(Sha256::digest("one")));
        keep(file.as_file(), "a hash that only the attribute can tell").unwrap();
        let told = of_path(file.path());
        assert!(told == one || told.starts_with('a'), "{told}");
        file.write_all(b" and two").unwrap();
        assert_eq!(
            of_path(file.path()),
            hex::encode(Sha256::digest("one and two"))
        );
    }
}
