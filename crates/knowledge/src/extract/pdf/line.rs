//! Glyphs that stand on one line.

/// A glyph where it was drawn. Lengths are in the units of the page, points as a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    /// Where its base begins.
    pub(super) x: f64,
    pub(super) y: f64,
    /// The direction of its line, of length 1.
    pub(super) along: (f64, f64),
    /// How far the next glyph goes.
    pub(super) advance: f64,
    /// The size of its font.
    pub(super) size: f64,
}

impl Spot {
    /// How far the glyph at `to` is along this one's line, and beside it.
    fn distance(&self, to: &Self) -> (f64, f64) {
        let (dx, dy) = (to.x - self.x, to.y - self.y);
        let (along_x, along_y) = self.along;
        (dx * along_x + dy * along_y, dy * along_x - dx * along_y)
    }
}

/// A line of text.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    /// The size of most of its letters.
    pub(super) size: f64,
    /// Where it begins.
    pub(super) first: Spot,
    /// Where it ends so far.
    last: Spot,
    sizes: Vec<(f64, usize)>,
}

/// A gap of so much of the size is a space. Spaces are some 0.25 wide, 0.2 in tight lines; letters are
/// moved by less than 0.1 towards and from each other.
const SPACE: f64 = 0.15;

/// A step back of less is a correction, as for accents that are drawn over a letter.
const STEP_BACK: f64 = 0.6;

/// Letters that are raised or lowered by less are on the line.
const RAISED: f64 = 0.45;

impl Line {
    pub(super) fn new(spot: Spot, text: &str) -> Self {
        let mut line = Self {
            text: String::new(),
            size: spot.size,
            first: spot,
            last: spot,
            sizes: Vec::new(),
        };
        line.append(spot, text);
        line
    }

    /// Adds a glyph, if it continues the line.
    pub(super) fn push(&mut self, spot: Spot, text: &str) -> bool {
        let (along, beside) = self.last.distance(&spot);
        let size = self.size.max(spot.size).max(f64::MIN_POSITIVE);
        let gap = along - self.last.advance;
        let is_turned = self.last.along.0 * spot.along.0 + self.last.along.1 * spot.along.1 < 0.9;
        // From the base of the line, or a fraction would climb.
        let beside_first = self.first.distance(&spot).1;
        if is_turned
            || beside.abs() > RAISED * size
            || beside_first.abs() > RAISED * size
            || gap < -STEP_BACK * size
        {
            return false;
        }
        let is_space = text.chars().all(char::is_whitespace);
        if gap > SPACE * size && !is_space && !self.text.ends_with(char::is_whitespace) {
            self.text.push(' ');
        }
        self.append(spot, text);
        true
    }

    fn append(&mut self, spot: Spot, text: &str) {
        self.text.push_str(text);
        self.last = spot;
        let letters = text.chars().filter(|c| !c.is_whitespace()).count();
        match self
            .sizes
            .iter_mut()
            .find(|(size, _)| (*size - spot.size).abs() < 0.05)
        {
            Some((_, count)) => *count += letters,
            None => self.sizes.push((spot.size, letters)),
        }
        if let Some((size, _)) = self.sizes.iter().max_by_key(|(_, count)| *count) {
            self.size = *size;
        }
    }

    /// How far the line below is, in the direction in which lines follow; negative if it is above.
    pub(super) fn down_to(&self, next: &Self) -> f64 {
        -self.first.distance(&next.first).1
    }

    /// Where the line begins, along itself.
    pub(super) fn start(&self) -> f64 {
        self.first.x * self.first.along.0 + self.first.y * self.first.along.1
    }

    /// Where it ends.
    pub(super) fn end(&self) -> f64 {
        self.last.x * self.first.along.0 + self.last.y * self.first.along.1 + self.last.advance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(x: f64, y: f64) -> Spot {
        Spot {
            x,
            y,
            along: (1.0, 0.0),
            advance: 5.0,
            size: 10.0,
        }
    }

    #[test]
    fn gaps_become_spaces_and_other_lines_are_told_apart() {
        let mut line = Line::new(spot(0.0, 0.0), "a");
        assert!(line.push(spot(5.3, 0.0), "b"), "kerned");
        assert!(line.push(spot(13.0, 0.0), "c"), "after a gap");
        assert!(line.push(spot(18.0, 3.0), "2"), "raised");
        assert!(line.push(spot(23.0, 0.0), " "));
        assert!(line.push(spot(33.0, 0.0), "d"), "after a space and a gap");
        assert!(!line.push(spot(0.0, -12.0), "e"), "the next line");
        assert!(!line.push(spot(10.0, 0.0), "e"), "back on the line");
        assert_eq!(line.text, "ab c2 d");
    }

    #[test]
    fn lines_may_run_in_any_direction() {
        let up = |y: f64| Spot {
            x: 100.0,
            y,
            along: (0.0, 1.0),
            advance: 5.0,
            size: 10.0,
        };
        let mut line = Line::new(up(0.0), "a");
        assert!(line.push(up(5.0), "b"));
        assert!(line.push(up(13.0), "c"));
        assert!(!line.push(spot(100.0, 18.0), "d"), "a turn");
        assert_eq!(line.text, "ab c");
        assert!((line.end() - 18.0).abs() < 1e-9);
    }
}
