//! Styles: which of them are headings, and which are lists.

use std::{collections::HashMap, io::BufRead};

use quick_xml::events::Event;

use super::{
    super::Refusal,
    xml::{Xml, attribute},
};

/// No style is based on so many others.
const MAX_ANCESTORS: usize = 32;

/// The styles of a document, by their identifiers.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

#[derive(Debug, Default, Clone)]
struct Style {
    is_title: bool,
    level: Option<u8>,
    is_list: bool,
    based_on: Option<String>,
}

impl Styles {
    pub(super) fn read(part: impl BufRead) -> Result<Self, Refusal> {
        let mut styles = HashMap::new();
        let mut xml = Xml::new(part);
        let mut id = String::new();
        let mut style = Style::default();
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(element) | Event::Empty(element) => {
                    let value = attribute(&element, "val");
                    match element.local_name().as_ref() {
                        "style" => {
                            id = attribute(&element, "styleId")
                                .unwrap_or_default()
                                .into_owned();
                            style = Style::default();
                        }
                        // Names are English in the file, whatever the program shows.
                        "name" => {
                            let name = value.unwrap_or_default().to_ascii_lowercase();
                            style.is_title = name == "title";
                            style.level = name
                                .strip_prefix("heading ")
                                .and_then(|level| level.parse().ok())
                                .or(style.is_title.then_some(1));
                        }
                        "basedOn" => style.based_on = value.map(Into::into),
                        "outlineLvl" => style.level = outline_level(value.as_deref()),
                        "numPr" => style.is_list = true,
                        _ => {}
                    }
                }
                Event::End(element) if element.local_name().as_ref() == "style" => {
                    styles.insert(std::mem::take(&mut id), std::mem::take(&mut style));
                }
                _ => {}
            }
        }
        Ok(Self(styles))
    }

    /// Whether a paragraph of this style is the title of the document.
    pub(super) fn is_title(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|style| style.is_title)
    }

    /// The level of a heading of this style, if it is one.
    pub(super) fn level(&self, id: &str) -> Option<u8> {
        self.ancestry(id).find_map(|style| style.level)
    }

    /// Whether a paragraph of this style is an item of a list.
    pub(super) fn is_list(&self, id: &str) -> bool {
        self.ancestry(id).any(|style| style.is_list)
    }

    /// A style and what it is based on.
    fn ancestry(&self, id: &str) -> impl Iterator<Item = &Style> {
        let next = |style: &&Style| self.0.get(style.based_on.as_ref()?);
        std::iter::successors(self.0.get(id), next).take(MAX_ANCESTORS)
    }
}

/// The level of a heading, 1 for the outermost, from an outline level, whose 9 means none.
pub(super) fn outline_level(value: Option<&str>) -> Option<u8> {
    let level: u8 = value?.parse().ok()?;
    (level < 9).then_some(level + 1)
}
