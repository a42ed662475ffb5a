//! HTML: what a reader came for, without what surrounds it.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node, node::Element};

use super::{BlockKind, Place, Refusal, collector::Collector};

/// Reads a page. Returns its title.
pub(crate) fn read(text: &str, blocks: &mut Collector<'_>) -> Result<Option<String>, Refusal> {
    let page = Html::parse_document(text);
    let title = title(&page);
    for root in content(&page) {
        HtmlReader::default().read(root, blocks)?;
    }
    if blocks.is_empty() {
        // Some pages fill <main> by script, and say the same elsewhere for those who run none.
        HtmlReader::default().read(page.root_element(), blocks)?;
    }
    Ok(title)
}

/// Reads HTML out of the middle of something else.
pub(crate) fn read_fragment(text: &str, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
    let fragment = Html::parse_fragment(text);
    HtmlReader::default().read(fragment.root_element(), blocks)
}

fn elements(page: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    page.tree.nodes().filter_map(ElementRef::wrap)
}

fn title(page: &Html) -> Option<String> {
    let title = elements(page).find(|element| element.value().name() == "title")?;
    let text: String = title.text().collect();
    let words: Vec<_> = text.split_whitespace().collect();
    Some(words.join(" ")).filter(|title| !title.is_empty())
}

/// Where the content is: the main element, else all articles that are in no other, else everything.
fn content(page: &Html) -> Vec<ElementRef<'_>> {
    let is_main =
        |element: &Element| element.name() == "main" || element.attr("role") == Some("main");
    if let Some(main) = elements(page).find(|element| is_main(element.value())) {
        return vec![main];
    }
    let mut articles: Vec<ElementRef<'_>> = Vec::new();
    for article in elements(page).filter(|element| element.value().name() == "article") {
        let last = articles.last().map(|article| article.id());
        // In the order of the page, so what it may be in came before it.
        if !article
            .ancestors()
            .any(|ancestor| Some(ancestor.id()) == last)
        {
            articles.push(article);
        }
    }
    if articles.is_empty() {
        vec![page.root_element()]
    } else {
        articles
    }
}

/// Whether nobody reads what is in this element, or it leads elsewhere.
fn is_skipped(element: ElementRef<'_>) -> bool {
    let value = element.value();
    let name = value.name();
    let is_around = matches!(name, "header" | "footer")
        && element
            .parent()
            .and_then(ElementRef::wrap)
            .is_some_and(|parent| parent.value().name() == "body");
    if is_around
        || matches!(
            name,
            "head"
                | "script"
                | "style"
                | "nav"
                | "template"
                | "svg"
                | "iframe"
                | "object"
                | "canvas"
                | "audio"
                | "video"
                | "button"
                | "select"
                | "textarea"
                | "dialog"
        )
    {
        return true;
    }
    value.attr("hidden").is_some()
        || value.attr("aria-hidden") == Some("true")
        || matches!(
            value.attr("role"),
            Some("navigation" | "banner" | "contentinfo" | "search")
        )
        || value.attr("style").is_some_and(|style| {
            let style: String = style.split_whitespace().collect();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// A row of a table that is being read.
#[derive(Default)]
struct Row {
    cells: usize,
    /// A table stands in it: it arranges the page, and is no row of data.
    is_layout: bool,
}

#[derive(Default)]
struct HtmlReader {
    text: String,
    heading: Option<u8>,
    preformatted: usize,
    items: usize,
    rows: Vec<Row>,
}

impl HtmlReader {
    fn read(&mut self, root: ElementRef<'_>, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        let mut edges = root.traverse();
        while let Some(edge) = edges.next() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Text(text) => self.push_text(text),
                    Node::Element(element) => {
                        let reference = ElementRef::wrap(node);
                        if reference.is_some_and(is_skipped) && node.id() != root.id() {
                            let end = Edge::Close(node);
                            edges.by_ref().find(|edge| *edge == end);
                            continue;
                        }
                        self.open(element, blocks)?;
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    if let Node::Element(element) = node.value() {
                        self.close(element, blocks)?;
                    }
                }
            }
        }
        self.end_block(blocks)
    }

    fn push_text(&mut self, text: &str) {
        if self.preformatted > 0 {
            self.text.push_str(text);
            return;
        }
        // Line breaks of the source are spaces. Runs of them are made one later.
        for (at, line) in text.split(['\n', '\r']).enumerate() {
            if at > 0 {
                self.text.push(' ');
            }
            self.text.push_str(line);
        }
    }

    fn open(&mut self, element: &Element, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        let name = element.name();
        match name {
            "br" => self.text.push('\n'),
            "img" => {
                self.text.push(' ');
                self.text.push_str(element.attr("alt").unwrap_or_default());
                self.text.push(' ');
            }
            "td" | "th" => {
                if let Some(row) = self.rows.last_mut() {
                    row.cells += 1;
                    if row.cells > 1 {
                        self.text.push_str(" | ");
                    }
                }
            }
            "table" => {
                if let Some(row) = self.rows.last_mut() {
                    row.is_layout = true;
                }
                self.end_block(blocks)?;
            }
            "tr" => {
                self.end_block(blocks)?;
                self.rows.push(Row::default());
            }
            _ if is_block(name) => {
                self.break_block(blocks)?;
                match name {
                    "pre" => self.preformatted += 1,
                    "li" | "dd" => self.items += 1,
                    _ => self.heading = heading_level(name).or(self.heading),
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, element: &Element, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        let name = element.name();
        match name {
            "tr" => {
                self.end_block(blocks)?;
                self.rows.pop();
            }
            "table" => self.end_block(blocks)?,
            _ if is_block(name) => {
                self.break_block(blocks)?;
                match name {
                    "pre" => self.preformatted = self.preformatted.saturating_sub(1),
                    "li" | "dd" => self.items = self.items.saturating_sub(1),
                    _ if heading_level(name).is_some() => self.heading = None,
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends a block, except in a row of data, which is one block whatever is in its cells.
    fn break_block(&mut self, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        if self.rows.last().is_some_and(|row| !row.is_layout) {
            self.text.push(' ');
            Ok(())
        } else {
            self.end_block(blocks)
        }
    }

    fn end_block(&mut self, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        let kind = match (self.heading, self.rows.last()) {
            (_, Some(row)) if !row.is_layout => BlockKind::TableRow,
            (Some(level), _) => BlockKind::Heading(level),
            _ if self.preformatted > 0 => BlockKind::Code,
            _ if self.items > 0 => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        };
        let says_something = |text: &str| text.contains(|c: char| c != '|' && !c.is_whitespace());
        if kind != BlockKind::TableRow || says_something(&self.text) {
            blocks.push(kind, &self.text, Place::None)?;
        }
        self.text.clear();
        Ok(())
    }
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

/// Whether an element stands on lines of its own.
fn is_block(name: &str) -> bool {
    heading_level(name).is_some()
        || matches!(
            name,
            "address"
                | "article"
                | "aside"
                | "blockquote"
                | "body"
                | "caption"
                | "center"
                | "dd"
                | "details"
                | "div"
                | "dl"
                | "dt"
                | "fieldset"
                | "figcaption"
                | "figure"
                | "footer"
                | "form"
                | "header"
                | "hgroup"
                | "hr"
                | "li"
                | "main"
                | "ol"
                | "p"
                | "pre"
                | "section"
                | "summary"
                | "ul"
        )
}

#[cfg(test)]
mod tests {
    use super::super::{BlockKind, tests::read_file};

    fn blocks(page: &str) -> Vec<(BlockKind, String)> {
        let read = read_file(page.as_bytes(), "a.html").unwrap();
        read.blocks.into_iter().map(|b| (b.kind, b.text)).collect()
    }

    #[test]
    fn a_page_is_read_without_what_surrounds_its_content() {
        let page = "<!doctype html><title> The\n page </title><style>x</style>
            <body><header>Logo</header><nav><a>Home</a></nav>
            <main><h1>One</h1><p>Some <b>bold</b>
               text.<p hidden>never<p style='display: none'>never
            <script>never()</script><ul><li>item<ul><li>inner</ul><li><p>last</ul>
            <pre>fn a() {\n    b()\n}</pre>
            <table><tr><th>a<th>b<tr><td><p>1<td>2</table></main><footer>Imprint</footer>";
        let read = read_file(page.as_bytes(), "a.html").unwrap();
        assert_eq!(read.title.as_deref(), Some("The page"));
        let texts: Vec<_> = read.blocks.iter().map(|b| (b.kind, &*b.text)).collect();
        assert_eq!(
            texts,
            [
                (BlockKind::Heading(1), "One"),
                (BlockKind::Paragraph, "Some bold text."),
                (BlockKind::ListItem, "item"),
                (BlockKind::ListItem, "inner"),
                (BlockKind::ListItem, "last"),
                (BlockKind::Code, "fn a() {\n    b()\n}"),
                (BlockKind::TableRow, "a | b"),
                (BlockKind::TableRow, "1 | 2"),
            ]
        );
    }

    #[test]
    fn articles_are_the_content_where_there_is_no_main_element() {
        let page =
            "<html><p>around<article>a<article>b</article></article><p>x<article>c</article>";
        let texts: Vec<_> = blocks(page).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["a", "b", "c"]);
    }

    #[test]
    fn a_page_whose_main_element_is_empty_is_read_whole() {
        let page = "<html><main><div id=app></div></main><noscript>The text.</noscript><p>More.";
        let texts: Vec<_> = blocks(page).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["The text.", "More."]);
    }

    #[test]
    fn tables_that_arrange_a_page_are_no_rows() {
        let page = "<html><table><tr><td>left<td><table><tr><td>1<td>2</table><p>right</table>";
        assert_eq!(
            blocks(page),
            [
                (BlockKind::Paragraph, "left |".to_owned()),
                (BlockKind::TableRow, "1 | 2".to_owned()),
                (BlockKind::Paragraph, "right".to_owned()),
            ]
        );
    }
}
