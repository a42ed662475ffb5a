//! WebVTT (<https://www.w3.org/TR/webvtt1/>).

use std::fmt::Write;

/// A piece of text, and when it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    pub(super) text: String,
}

/// A file of these cues.
pub(super) fn write(cues: &[Cue]) -> String {
    let mut file = String::from("WEBVTT\n");
    for cue in cues {
        let (start, end) = (Time(cue.start_ms), Time(cue.end_ms));
        // Writing to a string does not fail.
        let _ = write!(file, "\n{start} --> {end}\n{}\n", escaped(&cue.text));
    }
    file
}

/// A blank line would end the cue, and `-->` begin another one.
fn escaped(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .collect::<Vec<_>>()
        .join("\n")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

struct Time(u64);

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, millis) = (self.0 / 1000, self.0 % 1000);
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let (hours, minutes) = (minutes / 60, minutes % 60);
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_are_written_with_their_times() {
        let cue = |start_ms, end_ms, text: &str| Cue {
            start_ms,
            end_ms,
            text: text.into(),
        };
        let file = write(&[
            cue(0, 1540, "Hello"),
            cue(3_723_004, 3_724_000, "two\n\nlines & <b> --> it"),
        ]);
        assert_eq!(
            file,
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.540\nHello\n\n\
             01:02:03.004 --> 01:02:04.000\ntwo\nlines &amp; &lt;b&gt; --&gt; it\n"
        );
    }
}
