//! The paths under a folder, in the order of their text.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use tidewire_domain::BlobPath;

/// A part of a list.
pub(super) struct Listing<'a> {
    /// Only what comes after it.
    pub(super) after: Option<&'a str>,
    pub(super) limit: usize,
    pub(super) found: Vec<BlobPath>,
}

impl Listing<'_> {
    /// Adds what is in `folder`, whose paths begin with `prefix`. A folder that is not there is
    /// empty.
    pub(super) fn add(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                continue;
            };
            // With its slash a folder stands where the paths in it do.
            let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
            paths.push(format!("{prefix}{name}{slash}"));
        }
        paths.sort_unstable();
        for path in paths {
            if self.found.len() >= self.limit {
                break;
            }
            match path.strip_suffix('/') {
                Some(_) if self.is_passed(&path) => {}
                Some(inner) => self.add(&folder.join(&inner[prefix.len()..]), &path)?,
                None if self.after.is_some_and(|after| path.as_str() <= after) => {}
                // Not everything in a folder needs to be ours.
                None => self.found.extend(path.parse()),
            }
        }
        Ok(())
    }

    /// Whether all that is in a folder comes before what is asked for.
    fn is_passed(&self, folder: &str) -> bool {
        self.after
            .is_some_and(|after| folder < after && !after.starts_with(folder))
    }
}
