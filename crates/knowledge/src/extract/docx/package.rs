//! The archive: parts by their names, none larger than is allowed.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use quick_xml::events::Event;
use zip::{ZipArchive, result::ZipError};

use super::{
    super::Refusal,
    xml::{Xml, attribute},
};

/// No part unpacks to more. A thousand pages come to some 10 MB.
const MAX_PART_BYTES: u64 = 128 << 20;

const MAIN_DOCUMENT: &str = "word/document.xml";

/// An archive of parts.
pub(super) struct Package<'a>(ZipArchive<Cursor<&'a [u8]>>);

impl<'a> Package<'a> {
    pub(super) fn open(file: &'a [u8]) -> Result<Self, Refusal> {
        ZipArchive::new(Cursor::new(file))
            .map(Self)
            .map_err(|_| damaged())
    }

    /// The name of the part with the text.
    pub(super) fn main_document(&mut self) -> Result<String, Refusal> {
        if self.0.index_for_name(MAIN_DOCUMENT).is_none()
            && let Some(relations) = self.part("_rels/.rels")?
        {
            let mut xml = Xml::new(relations);
            while let Some(event) = xml.next()? {
                if let Event::Start(element) | Event::Empty(element) = event
                    && attribute(&element, "Type")
                        .is_some_and(|kind| kind.ends_with("/officeDocument"))
                    && let Some(target) = attribute(&element, "Target")
                {
                    return Ok(target.trim_start_matches('/').to_owned());
                }
            }
        }
        Ok(MAIN_DOCUMENT.to_owned())
    }

    /// A part, if it is there.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<impl BufRead>, Refusal> {
        match self.0.by_name(name) {
            Ok(part) => Ok(Some(BufReader::new(Bounded {
                part,
                left_bytes: MAX_PART_BYTES,
            }))),
            Err(ZipError::FileNotFound) => Ok(None),
            Err(_) => Err(damaged()),
        }
    }
}

/// A document that is not what it should be.
pub(super) fn damaged() -> Refusal {
    Refusal::unreadable(
        "This DOCX file is damaged. Open it in the program that made it, save it anew, and upload that.",
    )
}

/// A part that unpacks to more than is allowed.
pub(super) fn too_large() -> Refusal {
    Refusal::TooLarge(format!(
        "A part of this DOCX file unpacks to more than {} MB. Split it, and upload the parts.",
        MAX_PART_BYTES >> 20
    ))
}

/// Fails where the part goes on too long: an archive of some kilobytes can hold gigabytes.
struct Bounded<R> {
    part: R,
    left_bytes: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = self.part.read(to)?;
        self.left_bytes = self
            .left_bytes
            .checked_sub(length as u64)
            .ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(length)
    }
}
