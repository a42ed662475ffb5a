//! Entries that an Atom feed says it deleted: RFC 6721.

use std::collections::BTreeSet;

use quick_xml::{Reader, events::Event};

/// The ids of the `at:deleted-entry` elements in `text`. What cannot be read deletes nothing.
pub(super) fn find(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if !text.contains("deleted-entry") {
        return found;
    }
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                if element.local_name().as_ref() == "deleted-entry"
                    && let Ok(Some(id)) = element.try_get_attribute("ref")
                    && let Ok(id) = id.normalized_value(quick_xml::XmlVersion::Implicit1_0)
                {
                    found.insert(id.trim().to_owned());
                }
            }
            Ok(Event::Eof) => return found,
            Ok(_) => {}
            Err(_) => return BTreeSet::new(),
        }
    }
}
