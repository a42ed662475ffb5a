//! XML as Office writes it: without a DTD, so that nothing expands.

use std::{
    borrow::Cow,
    io::{self, BufRead},
};

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};

use super::{super::Refusal, package};

/// The events of a part.
pub(super) struct Xml<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(part: R) -> Self {
        Self {
            reader: Reader::from_reader(part),
            buffer: Vec::new(),
        }
    }

    /// The next event, up to the end.
    pub(super) fn next(&mut self) -> Result<Option<Event<'_>>, Refusal> {
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::Eof) => Ok(None),
            Ok(Event::DocType(_)) => Err(Refusal::unreadable(
                "This DOCX file carries a DTD, which no word processor writes, so it is not read.",
            )),
            Ok(event) => Ok(Some(event)),
            Err(quick_xml::Error::Io(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(package::too_large())
            }
            Err(_) => Err(package::damaged()),
        }
    }
}

/// The text of the first element of this name, if it has any.
pub(super) fn text_of(part: impl BufRead, name: &str) -> Result<Option<String>, Refusal> {
    let mut xml = Xml::new(part);
    let mut text = None;
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(element) if element.local_name().as_ref() == name => {
                text = Some(String::new());
            }
            Event::End(element) if element.local_name().as_ref() == name => break,
            Event::Text(said) => {
                if let Some(text) = &mut text {
                    text.push_str(&said.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(text) = &mut text {
                    push_reference(text, &reference);
                }
            }
            _ => {}
        }
    }
    Ok(text
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty()))
}

/// The value of an attribute, by its name without the namespace.
pub(super) fn attribute<'a>(element: &'a BytesStart<'_>, name: &str) -> Option<Cow<'a, str>> {
    element
        .attributes()
        .with_checks(false)
        .filter_map(Result::ok)
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok())
}

/// Appends what a reference stands for. One that nothing declares says nothing.
pub(super) fn push_reference(text: &mut String, reference: &BytesRef<'_>) {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        text.push(c);
    } else if let Some(said) = resolve_predefined_entity(reference) {
        text.push_str(said);
    }
}
