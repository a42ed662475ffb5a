//! What is shown of something that takes minutes: one line that is written over on a terminal, a line
//! now and then elsewhere.

use std::{
    io::{self, Write},
    time::Duration,
};

/// How often a line is written where lines stay.
const LINE_EVERY: Duration = Duration::from_secs(30);
/// A line that is written over must not wrap.
const WIDTH: usize = 78;

/// The display. The line that is written over goes with it.
#[derive(Debug)]
pub(crate) struct Progress<W: Write> {
    out: W,
    is_terminal: bool,
    is_announced: bool,
    doing: String,
    /// How much of the line is written on.
    drawn: usize,
    next_line: Duration,
}

impl<W: Write> Progress<W> {
    pub(crate) fn new(out: W, is_terminal: bool) -> Self {
        Self {
            out,
            is_terminal,
            is_announced: false,
            doing: String::new(),
            drawn: 0,
            next_line: LINE_EVERY,
        }
    }

    /// Says once what it is all about. Before that, nothing is shown.
    pub(crate) fn announce(&mut self, about: &str) -> io::Result<()> {
        if self.is_announced {
            return Ok(());
        }
        self.is_announced = true;
        writeln!(self.out, "{about}")
    }

    /// Sets what is being done, such as `Compiling tokio v1.54.0`.
    pub(crate) fn set(&mut self, doing: &str) {
        doing.clone_into(&mut self.doing);
    }

    /// Shows where it is after so long.
    pub(crate) fn tick(&mut self, elapsed: Duration) -> io::Result<()> {
        if !self.is_announced {
            return Ok(());
        }
        let line = format!("  {}: {}", duration(elapsed), self.doing);
        let line: String = line.chars().take(WIDTH).collect();
        if self.is_terminal {
            let width = line.chars().count();
            // Spaces over what is left of the line before it: every terminal knows them.
            write!(self.out, "\r{line:<pad$}", pad = self.drawn)?;
            self.drawn = width;
            return self.out.flush();
        }
        if elapsed >= self.next_line {
            self.next_line = elapsed + LINE_EVERY;
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    /// Takes the line away that is written over.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        let drawn = std::mem::take(&mut self.drawn);
        if drawn > 0 {
            write!(self.out, "\r{:drawn$}\r", "")?;
        }
        self.out.flush()
    }

    /// Says that it is there, if anything was said before.
    pub(crate) fn built(&mut self, what: &str, elapsed: Duration) -> io::Result<()> {
        if self.is_announced {
            writeln!(self.out, "Built {what} in {}.", duration(elapsed))?;
        }
        Ok(())
    }

    /// Shows these lines as they are.
    pub(crate) fn show(&mut self, lines: &[String]) -> io::Result<()> {
        for line in lines {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }
}

impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        let _ = self.clear();
    }
}

/// `1 min 5 s`.
fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match seconds / 60 {
        0 => format!("{seconds} s"),
        minutes => format!("{minutes} min {} s", seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written of a build of so many seconds that compiles one crate after the other.
    fn shown(seconds: u64, crates: &[&str], is_terminal: bool) -> String {
        let mut out = Vec::new();
        let mut progress = Progress::new(&mut out, is_terminal);
        progress.announce("Building.").unwrap();
        for second in 0..=seconds {
            let at = usize::try_from(second).unwrap() % crates.len();
            progress.set(crates[at]);
            progress.tick(Duration::from_secs(second)).unwrap();
        }
        progress.clear().unwrap();
        progress.built("it", Duration::from_secs(seconds)).unwrap();
        drop(progress);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn on_a_terminal_one_line_is_written_over_and_then_gone() {
        let shown = shown(65, &["Compiling long-name v1", "Compiling a v1"], true);
        let lines: Vec<&str> = shown.lines().collect();
        let [first, drawn] = lines.as_slice() else {
            panic!("two lines: {lines:?}");
        };
        assert_eq!(*first, "Building.");
        let drawn: Vec<&str> = drawn.split('\r').collect();
        assert_eq!(drawn[66], "  1 min 5 s: Compiling a v1        ");
        assert_eq!(drawn[67].trim(), "");
        assert_eq!(drawn[68], "Built it in 1 min 5 s.");
        // Whatever was drawn is written over by what comes next.
        for pair in drawn[1..68].windows(2) {
            assert!(pair[1].len() >= pair[0].trim_end().len(), "{pair:?}");
        }
    }

    #[test]
    fn elsewhere_a_line_comes_now_and_then() {
        let shown = shown(95, &["Compiling a v1"], false);
        let expected = "Building.\n  30 s: Compiling a v1\n  1 min 0 s: Compiling a v1\n  \
                        1 min 30 s: Compiling a v1\nBuilt it in 1 min 35 s.\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_line_that_is_written_over_never_wraps() {
        let long = "Compiling ".repeat(20);
        let shown = shown(1, &[&long], true);
        assert!(shown.split(['\r', '\n']).all(|line| line.len() < 80));
    }
}
