//! Hears how a page is drawn, and keeps the letters.

use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
    font::{Glyph, GlyphRun, PositionedGlyph},
    hayro_cmap::{BfString, WritingMode},
    kurbo::{Affine, BezPath, Point, Vec2},
};

use super::line::{Line, Spot};

/// Units of a font's own space.
const UNITS_PER_EM: f64 = 1000.0;

/// How many glyphs were drawn, and of how many nobody knows the letter.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Glyphs {
    drawn: u64,
    unknown: u64,
}

impl Glyphs {
    pub(super) fn add(&mut self, other: Self) {
        self.drawn += other.drawn;
        self.unknown += other.unknown;
    }

    /// Whether of more than half of them nobody knows the letter.
    pub(super) fn is_mostly_unknown(self) -> bool {
        self.unknown * 2 > self.drawn
    }
}

/// Keeps what a page shows.
#[derive(Default)]
pub(super) struct PageReader {
    lines: Vec<Line>,
    /// The run before, and where it began: some writers draw bold letters twice.
    last_run: Option<(Spot, String)>,
    pub(super) glyphs: Glyphs,
    pub(super) has_images: bool,
}

impl PageReader {
    /// The lines, in the order in which they were drawn.
    pub(super) fn into_lines(self) -> Vec<Line> {
        self.lines
    }

    fn push(&mut self, spot: Spot, text: &str) {
        let is_continued = self
            .lines
            .last_mut()
            .is_some_and(|line| line.push(spot, text));
        // A line does not begin with a space.
        if !is_continued && !text.trim().is_empty() {
            self.lines.push(Line::new(spot, text));
        }
    }
}

impl Device<'_> for PageReader {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        let axes: Vec<_> = run
            .glyphs()
            .iter()
            .map(|glyph| Axes::of(props.transform * glyph.transform()))
            .collect();
        // A font that is not in the file is replaced by one whose glyphs are stretched to its widths,
        // each differently. Otherwise all are alike, and what is wide was written wide.
        let stretch = axes.first().map_or(1.0, Axes::stretch);
        let is_replaced = axes
            .iter()
            .any(|axes| (axes.stretch() - stretch).abs() > 1e-3);
        let glyphs: Vec<_> = run
            .glyphs()
            .iter()
            .zip(&axes)
            .map(|(glyph, axes)| {
                let stretch = if is_replaced { 1.0 } else { stretch };
                let spot = axes.spot(width(glyph) * stretch, run.writing_mode());
                (spot, letters(glyph))
            })
            .filter(|(spot, _)| spot.x.is_finite() && spot.y.is_finite() && spot.size.is_finite())
            .collect();
        let Some(&(first, _)) = glyphs.first() else {
            return;
        };
        let text: String = glyphs
            .iter()
            .filter_map(|(_, text)| text.as_deref())
            .collect();
        if let Some((before, said)) = &self.last_run
            && *said == text
            && (before.x - first.x).hypot(before.y - first.y) < 0.1 * first.size
        {
            return;
        }
        for (spot, text) in glyphs {
            self.glyphs.drawn += 1;
            if text.is_none() {
                self.glyphs.unknown += 1;
            }
            self.push(spot, text.as_deref().unwrap_or("\u{fffd}"));
        }
        self.last_run = Some((first, text));
    }

    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {
        self.has_images = true;
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}

    fn push_clip_path(&mut self, _: &ClipPath) {}

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}

/// How far the next glyph goes, as a share of the size.
fn width(glyph: &PositionedGlyph<'_>) -> f64 {
    let width = match &**glyph {
        Glyph::Outline(outline) => outline.advance_width(),
        Glyph::Type3(drawn) => drawn.advance_width(),
    };
    width.map_or(0.5, |width| f64::from(width) / UNITS_PER_EM)
}

/// Where a glyph stands, and where right and up are for it: as long as its font is large.
struct Axes {
    origin: Point,
    right: Vec2,
    up: Vec2,
}

impl Axes {
    fn of(transform: Affine) -> Self {
        let origin = transform * Point::ZERO;
        Self {
            origin,
            right: (transform * Point::new(UNITS_PER_EM, 0.0)) - origin,
            up: (transform * Point::new(0.0, UNITS_PER_EM)) - origin,
        }
    }

    /// How much wider than high it is drawn.
    fn stretch(&self) -> f64 {
        let height = self.up.hypot();
        if height > 0.0 {
            self.right.hypot() / height
        } else {
            1.0
        }
    }

    fn spot(&self, width: f64, mode: WritingMode) -> Spot {
        let size = self.up.hypot();
        let (along, advance) = match mode {
            WritingMode::Horizontal => (self.right, width * size),
            WritingMode::Vertical => (-self.up, size),
        };
        Spot {
            x: self.origin.x,
            y: self.origin.y,
            along: direction(along),
            advance,
            size,
        }
    }
}

fn direction(vector: Vec2) -> (f64, f64) {
    let length = vector.hypot();
    if length > 0.0 && length.is_finite() {
        (vector.x / length, vector.y / length)
    } else {
        (1.0, 0.0)
    }
}

/// What a glyph says, if its font tells.
fn letters(glyph: &PositionedGlyph<'_>) -> Option<String> {
    let said = match glyph.as_unicode()? {
        BfString::Char(c) => c.to_string(),
        BfString::String(text) => text,
    };
    // Fonts draw some letters as one; nobody searches for them so.
    let said = match &*said {
        "\u{fb00}" => "ff".into(),
        "\u{fb01}" => "fi".into(),
        "\u{fb02}" => "fl".into(),
        "\u{fb03}" => "ffi".into(),
        "\u{fb04}" => "ffl".into(),
        "\u{fb05}" | "\u{fb06}" => "st".into(),
        "\u{0}" => return None,
        _ => said,
    };
    Some(said)
}
