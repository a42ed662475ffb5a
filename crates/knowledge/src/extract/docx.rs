//! DOCX, Office Open XML (ECMA-376): a ZIP archive of XML parts.

mod document;
mod package;
mod style;
mod xml;

use super::{Refusal, collector::Collector};
use document::DocumentReader;
use package::Package;
use style::Styles;

/// Reads a document. Returns its title.
pub(crate) fn read(file: &[u8], blocks: &mut Collector<'_>) -> Result<Option<String>, Refusal> {
    let mut package = Package::open(file)?;
    let main = package.main_document()?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = |name: &str| format!("{folder}/{name}");
    let styles = match package.part(&beside("styles.xml"))? {
        Some(part) => Styles::read(part)?,
        None => Styles::default(),
    };
    let title = match package.part("docProps/core.xml")? {
        Some(part) => xml::text_of(part, "title")?,
        None => None,
    };
    let mut reader = DocumentReader::new(&styles);
    let part = package.part(&main)?.ok_or_else(package::damaged)?;
    reader.read(part, blocks)?;
    for name in ["footnotes.xml", "endnotes.xml"] {
        if let Some(part) = package.part(&beside(name))? {
            reader.read(part, blocks)?;
        }
    }
    Ok(title.or(reader.title))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::super::{BlockKind, Refusal, tests::read_file};

    fn docx(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in [("[Content_Types].xml", "<Types/>")].iter().chain(parts) {
            archive
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn document(body: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>"
        )
    }

    fn blocks(body: &str) -> Vec<(BlockKind, String)> {
        let read = read_file(&docx(&[("word/document.xml", &document(body))]), "a.docx").unwrap();
        read.blocks.into_iter().map(|b| (b.kind, b.text)).collect()
    }

    fn paragraph(text: &str) -> (BlockKind, String) {
        (BlockKind::Paragraph, text.to_owned())
    }

    #[test]
    fn headings_are_known_by_their_style_and_its_ancestors() {
        let styles = r#"<w:styles><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
            <w:style w:styleId="Own"><w:name w:val="Own"/><w:basedOn w:val="berschrift1"/></w:style>
            <w:style w:styleId="Deep"><w:name w:val="Deep"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
            <w:style w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>
            <w:style w:styleId="T"><w:name w:val="Title"/></w:style></w:styles>"#;
        let paragraph_in = |style: &str, text: &str| {
            format!(
                "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
            )
        };
        let body = ["T", "Own", "Deep", "Loop", "Unknown"]
            .map(|style| paragraph_in(style, style))
            .concat();
        let file = docx(&[
            ("word/document.xml", &document(&body)),
            ("word/styles.xml", styles),
        ]);
        let read = read_file(&file, "a.docx").unwrap();
        assert_eq!(read.title.as_deref(), Some("T"));
        let kinds: Vec<_> = read.blocks.iter().map(|block| block.kind).collect();
        let (heading, text) = (BlockKind::Heading, BlockKind::Paragraph);
        assert_eq!(kinds, [heading(1), heading(1), heading(3), text, text]);
    }

    #[test]
    fn runs_breaks_lists_and_references_are_read() {
        let body = r#"<w:p><w:pPr><w:tabs><w:tab w:pos="1"/></w:tabs></w:pPr><w:r><w:t>Sm</w:t></w:r>
            <w:r><w:t>ith &amp; S&#246;hne</w:t><w:tab/><w:t>x</w:t><w:br/><w:t xml:space="preserve">y </w:t></w:r>
            <w:r><w:instrText>PAGE</w:instrText></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>
            <w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>
            <w:p><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr><w:r><w:t>item</w:t></w:r></w:p>
            <w:p><w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr><w:r><w:t>none</w:t></w:r></w:p>"#;
        assert_eq!(
            blocks(body),
            [
                paragraph("Smith & Söhne x\ny new"),
                (BlockKind::ListItem, "item".to_owned()),
                paragraph("none"),
            ]
        );
    }

    #[test]
    fn rows_are_blocks_and_text_boxes_are_read_once() {
        let p = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
        let inner = format!(
            "<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>",
            p("3"),
            p("4")
        );
        let body = format!(
            "<w:tbl><w:tr><w:tc>{}{}</w:tc><w:tc>{}</w:tc></w:tr><w:tr><w:tc>{}</w:tc><w:tc>{inner}</w:tc></w:tr></w:tbl>\
             <w:p><w:r><w:t>around</w:t><mc:AlternateContent><mc:Choice><w:txbxContent>{}</w:txbxContent></mc:Choice>\
             <mc:Fallback><w:txbxContent>{}</w:txbxContent></mc:Fallback></mc:AlternateContent><w:t> it</w:t></w:r></w:p>",
            p("a"),
            p("b"),
            p("c"),
            p("1"),
            p("box"),
            p("box"),
        );
        assert_eq!(
            blocks(&body),
            [
                (BlockKind::TableRow, "a b | c".to_owned()),
                (BlockKind::TableRow, "1 | 3 | 4".to_owned()),
                paragraph("box"),
                paragraph("around it"),
            ]
        );
    }

    #[test]
    fn the_main_document_is_found_by_its_relation() {
        let relations = r#"<Relationships><Relationship Type="http://x/officeDocument" Target="/word/document2.xml"/></Relationships>"#;
        let body = document("<w:p><w:r><w:t>here</w:t></w:r></w:p>");
        let notes = "<w:footnotes><w:footnote><w:p><w:r><w:t>a note</w:t></w:r></w:p></w:footnote></w:footnotes>";
        let core = "<cp:coreProperties><dc:title>The Title</dc:title></cp:coreProperties>";
        let file = docx(&[
            ("_rels/.rels", relations),
            ("word/document2.xml", &body),
            ("word/footnotes.xml", notes),
            ("docProps/core.xml", core),
        ]);
        let read = read_file(&file, "a").unwrap();
        assert_eq!(read.title.as_deref(), Some("The Title"));
        let texts: Vec<_> = read.blocks.iter().map(|b| &*b.text).collect();
        assert_eq!(texts, ["here", "a note"]);
    }

    #[test]
    fn damaged_and_hostile_documents_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbb\">]><w:document><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:document>";
        for (body, word) in [
            (bomb, "DTD"),
            ("<w:document><w:p></w:document>", "damaged"),
            ("<w:docu", "damaged"),
        ] {
            let refusal = read_file(&docx(&[("word/document.xml", body)]), "a.docx").unwrap_err();
            assert!(
                matches!(&refusal, Refusal::Unreadable(reason) if reason.contains(word)),
                "{refusal}"
            );
        }
        let refusal = read_file(&docx(&[("word/other.xml", "<a/>")]), "a.docx").unwrap_err();
        assert!(refusal.to_string().contains("damaged"));
    }
}
