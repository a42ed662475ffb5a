//! The text: paragraphs and tables.

use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};

use super::{
    super::{BlockKind, Place, Refusal, collector::Collector},
    style::{Styles, outline_level},
    xml::{Xml, attribute, push_reference},
};

/// A paragraph whose end has not come. Text boxes put some into others.
#[derive(Default)]
struct Paragraph {
    text: String,
    style: String,
    level: Option<u8>,
    is_list: Option<bool>,
}

/// A row whose end has not come. Tables stand in cells of others.
#[derive(Default)]
struct Row {
    text: String,
    /// Whether what comes next is the first in its cell.
    starts_cell: bool,
}

/// Reads the parts that hold text.
pub(super) struct DocumentReader<'a> {
    styles: &'a Styles,
    /// The first paragraph in the style of titles.
    pub(super) title: Option<String>,
    paragraphs: Vec<Paragraph>,
    rows: Vec<Row>,
    /// How many elements are open whose text counts.
    texts: usize,
    runs: usize,
}

impl<'a> DocumentReader<'a> {
    pub(super) fn new(styles: &'a Styles) -> Self {
        Self {
            styles,
            title: None,
            paragraphs: Vec::new(),
            rows: Vec::new(),
            texts: 0,
            runs: 0,
        }
    }

    pub(super) fn read(
        &mut self,
        part: impl BufRead,
        blocks: &mut Collector<'_>,
    ) -> Result<(), Refusal> {
        let mut xml = Xml::new(part);
        // How many elements are open of which nothing is read.
        let mut skipped = 0_usize;
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(_) if skipped > 0 => skipped += 1,
                Event::End(_) if skipped > 0 => skipped -= 1,
                _ if skipped > 0 => {}
                Event::Start(element) if is_skipped(&element) => skipped = 1,
                Event::Start(element) => self.open(&element),
                Event::Empty(element) => {
                    self.open(&element);
                    self.close(element.local_name().as_ref(), blocks)?;
                }
                Event::End(element) => self.close(element.local_name().as_ref(), blocks)?,
                Event::Text(text) => self.push(&text.xml10_content()),
                Event::CData(text) => self.push(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let mut said = String::new();
                    push_reference(&mut said, &reference);
                    self.push(&said);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Appends text, where text counts.
    fn push(&mut self, text: &str) {
        if self.texts > 0
            && let Some(paragraph) = self.paragraphs.last_mut()
        {
            paragraph.text.push_str(text);
        }
    }

    fn open(&mut self, element: &BytesStart<'_>) {
        let value = || attribute(element, "val");
        match element.local_name().as_ref() {
            "p" => self.paragraphs.push(Paragraph::default()),
            "tr" => self.rows.push(Row::default()),
            "tc" => {
                if let Some(row) = self.rows.last_mut() {
                    row.starts_cell = true;
                }
            }
            "r" => self.runs += 1,
            "t" => self.texts += 1,
            name => {
                let is_in_run = self.runs > 0;
                let Some(paragraph) = self.paragraphs.last_mut() else {
                    return;
                };
                match name {
                    "tab" if is_in_run => paragraph.text.push('\t'),
                    "br" | "cr" if is_in_run => paragraph.text.push('\n'),
                    "noBreakHyphen" => paragraph.text.push('-'),
                    "pStyle" => paragraph.style = value().unwrap_or_default().into_owned(),
                    "outlineLvl" => paragraph.level = outline_level(value().as_deref()),
                    "numId" => paragraph.is_list = Some(value().as_deref() != Some("0")),
                    _ => {}
                }
            }
        }
    }

    fn close(&mut self, name: &str, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        match name {
            "p" => match self.paragraphs.pop() {
                Some(paragraph) => self.end_paragraph(&paragraph, blocks),
                None => Ok(()),
            },
            "tr" => match self.rows.pop() {
                Some(row) => self.end_row(&row, blocks),
                None => Ok(()),
            },
            "r" => {
                self.runs = self.runs.saturating_sub(1);
                Ok(())
            }
            "t" => {
                self.texts = self.texts.saturating_sub(1);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn end_paragraph(
        &mut self,
        paragraph: &Paragraph,
        blocks: &mut Collector<'_>,
    ) -> Result<(), Refusal> {
        let text = paragraph.text.trim();
        if let Some(row) = self.rows.last_mut() {
            row.push(text);
            return if row.text.len() > blocks.left_bytes() {
                Err(blocks.too_much())
            } else {
                Ok(())
            };
        }
        if self.title.is_none() && self.styles.is_title(&paragraph.style) && !text.is_empty() {
            self.title = Some(text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        let level = paragraph
            .level
            .or_else(|| self.styles.level(&paragraph.style));
        let is_list = || {
            paragraph
                .is_list
                .unwrap_or_else(|| self.styles.is_list(&paragraph.style))
        };
        let kind = match level {
            Some(level) => BlockKind::Heading(level.clamp(1, 6)),
            None if is_list() => BlockKind::ListItem,
            None => BlockKind::Paragraph,
        };
        blocks.push(kind, text, Place::None)
    }

    /// Ends a row: of a table in a cell it becomes a part of that cell.
    fn end_row(&mut self, row: &Row, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        match self.rows.last_mut() {
            Some(outer) => {
                outer.push(&row.text);
                Ok(())
            }
            None => blocks.push(BlockKind::TableRow, &row.text, Place::None),
        }
    }
}

impl Row {
    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text
                .push_str(if self.starts_cell { " | " } else { " " });
        }
        self.starts_cell = false;
        self.text
            .extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
    }
}

/// What is there for other programs, or is there twice.
fn is_skipped(element: &BytesStart<'_>) -> bool {
    matches!(
        element.local_name().as_ref(),
        "Fallback" | "moveFrom" | "instrText" | "delText" | "sectPr" | "rPr"
    )
}
