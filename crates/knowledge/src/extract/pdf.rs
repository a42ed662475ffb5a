//! PDF: glyphs on pages become lines, lines become blocks.
//!
//! The order is that of the page's own instructions, which writers of text keep even in columns.

mod layout;
mod line;
mod page;

use hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings, RenderContent,
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf},
    interpret_page,
    kurbo::{Affine, Rect},
};

use super::{Refusal, collector::Collector};
use layout::Layout;
use page::PageReader;

/// How often pages are counted aloud.
const PAGES_A_REPORT: u32 = 16;

/// Reads a document. Returns its title.
pub(crate) fn read(file: &[u8], blocks: &mut Collector<'_>) -> Result<Option<String>, Refusal> {
    let pdf = Pdf::new(file.to_vec()).map_err(refusal)?;
    let cache = InterpreterCache::new();
    let total = u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX);
    let mut layout = Layout::default();
    let mut has_images = false;
    let mut glyphs = page::Glyphs::default();
    for (number, page) in (1..).zip(pdf.pages().iter()) {
        let settings = InterpreterSettings {
            // What people wrote on the page counts, too.
            render_content: RenderContent::all(),
            ..InterpreterSettings::default()
        };
        // Where things are drawn does not matter beyond the page itself.
        let bounds = Rect::new(-1e6, -1e6, 1e6, 1e6);
        let mut context = Context::new(Affine::IDENTITY, bounds, &cache, pdf.xref(), settings);
        let mut reader = PageReader::default();
        interpret_page(page, &mut context, &mut reader);
        has_images |= reader.has_images;
        glyphs.add(reader.glyphs);
        layout.push_page(number, reader.into_lines());
        if layout.text_bytes() > blocks.left_bytes() {
            return Err(blocks.too_much());
        }
        if number % PAGES_A_REPORT == 0 || number == total {
            blocks.pages(number, total);
        }
    }
    if glyphs.is_mostly_unknown() {
        return Err(Refusal::unreadable(
            "The letters of this PDF cannot be told: its fonts do not say which they are. Export it \
             anew, or recognise its text (OCR), for instance with OCRmyPDF and --force-ocr, and upload \
             that.",
        ));
    }
    layout.finish(blocks)?;
    if blocks.is_empty() {
        return Err(Refusal::unreadable(if has_images {
            "This PDF holds only pictures of its pages, as a scanner makes them. Recognise its text \
             (OCR), for instance with OCRmyPDF, and upload that."
        } else {
            "There is no text in this PDF. Check it where it was made, and upload it again."
        }));
    }
    Ok(pdf.metadata().title.as_deref().and_then(title))
}

fn refusal(error: LoadPdfError) -> Refusal {
    Refusal::unreadable(match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            "This PDF is protected by a password. Remove the password, and upload it again."
        }
        LoadPdfError::Decryption(_) => {
            "This PDF is encrypted in a way that cannot be read. Save it without encryption, and \
             upload that."
        }
        LoadPdfError::Invalid => {
            "This PDF is damaged. Open it where it was made, save it anew, and upload that."
        }
    })
}

/// The title of the metadata, in UTF-16, UTF-8 or, but for some signs, Latin-1.
fn title(bytes: &[u8]) -> Option<String> {
    let text = match bytes {
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0xef, 0xbb, 0xbf, ..] => {
            super::encoding::decode(bytes, "").into_owned()
        }
        _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
    };
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let title = words.join(" ");
    // What Word prints names the file, not the document.
    let is_a_file = title.starts_with("Microsoft Word - ");
    (!title.is_empty() && !is_a_file && title != "untitled").then_some(title)
}
