//! Subtitles: `WebVTT` (<https://www.w3.org/TR/webvtt1/>) and `SubRip`, which nobody specified.
//!
//! Both are read by one lenient parser: blocks of lines, of which one with `-->` says the time. What
//! is no cue by the letter of the format, but has text, is kept at the time of the cue before.

use super::{BlockKind, Place, Refusal, collector::Collector};

/// Whether a text is subtitles by its first lines.
pub(crate) fn is_subtitle(head: &str) -> bool {
    if let Some(rest) = head.strip_prefix("WEBVTT") {
        return rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']);
    }
    let mut lines = head.lines();
    let number = lines.next().unwrap_or_default().trim();
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && lines.next().and_then(start_ms).is_some()
}

/// Reads subtitles. Returns the title, which `WebVTT` may carry behind its name.
pub(crate) fn read(text: &str, blocks: &mut Collector<'_>) -> Result<Option<String>, Refusal> {
    let is_vtt = text.starts_with("WEBVTT");
    let mut lines = text.lines().peekable();
    let title = if is_vtt {
        let first = lines.next().unwrap_or_default();
        let title = first["WEBVTT".len()..].trim_matches([' ', '\t', '-']);
        // What follows up to an empty line are headers.
        while lines
            .next_if(|line| !line.trim().is_empty() && !line.contains("-->"))
            .is_some()
        {}
        Some(title.to_owned()).filter(|title| !title.is_empty())
    } else {
        None
    };
    let mut reader = CueReader::default();
    let mut cue: Vec<&str> = Vec::new();
    for line in lines {
        if line.trim().is_empty() {
            reader.take(&cue, is_vtt, blocks)?;
            cue.clear();
        } else {
            // A cue whose empty line before it was forgotten.
            if start_ms(line).is_some() && cue.iter().any(|line| start_ms(line).is_some()) {
                let is_number = |line: &str| line.trim().bytes().all(|byte| byte.is_ascii_digit());
                let number = cue.pop_if(|line| is_number(line));
                reader.take(&cue, is_vtt, blocks)?;
                cue.clear();
                cue.extend(number);
            }
            cue.push(line);
        }
    }
    reader.take(&cue, is_vtt, blocks)?;
    Ok(title)
}

#[derive(Default)]
struct CueReader {
    time_ms: u64,
    last_line: String,
}

impl CueReader {
    fn take(
        &mut self,
        lines: &[&str],
        is_vtt: bool,
        blocks: &mut Collector<'_>,
    ) -> Result<(), Refusal> {
        let timing = lines
            .iter()
            .enumerate()
            .find_map(|(at, line)| Some((at, start_ms(line)?)));
        let text = match timing {
            Some((at, time_ms)) => {
                self.time_ms = time_ms;
                // What stands before the time names the cue.
                &lines[at + 1..]
            }
            None if is_vtt && lines.first().is_some_and(|line| is_aside(line)) => return Ok(()),
            None => lines,
        };
        let mut said = String::new();
        for line in text {
            let line = without_tags(line);
            let line = line.trim();
            // Captions that are made live repeat the line before when they move up.
            if line.is_empty() || line == self.last_line {
                continue;
            }
            if !said.is_empty() {
                said.push('\n');
            }
            said.push_str(line);
            self.last_line.clear();
            self.last_line.push_str(line);
        }
        blocks.push(BlockKind::Cue, &said, Place::TimeMs(self.time_ms))
    }
}

/// Whether a block without a time is a comment or about looks.
fn is_aside(line: &str) -> bool {
    ["NOTE", "STYLE", "REGION"].iter().any(|word| {
        line.strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    })
}

/// When a cue starts, if this line says so: `[H…:]MM:SS.mmm --> …`, with a comma in `SubRip`.
fn start_ms(line: &str) -> Option<u64> {
    let (start, _) = line.split_once("-->")?;
    let start = start.trim();
    let (clock, fraction) = start.rsplit_once(['.', ',']).unwrap_or((start, "0"));
    let digits = |text: &str, most: usize| -> Option<u64> {
        let is_number =
            (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| is_number)
    };
    let mut parts = clock.rsplit(':');
    let seconds = digits(parts.next()?, 2)?;
    let minutes = digits(parts.next()?, 2)?;
    let hours = parts.next().map_or(Some(0), |hours| digits(hours, 6))?;
    if parts.next().is_some() {
        return None;
    }
    let thousandths = digits(fraction, 3)? * [100, 10, 1][fraction.len() - 1];
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths)
}

/// The text of a line: tags go, `<v Ann>` becomes `Ann: `, and references become what they name.
fn without_tags(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (said, length) = if rest.starts_with('<') {
            tag(rest)
        } else {
            reference(rest)
        };
        text.push_str(said);
        if said.is_empty() || length > 1 {
            // The speaker of a voice tag.
            if let Some(speaker) = rest[..length].strip_prefix("<v").and_then(speaker) {
                text.push_str(speaker);
                text.push_str(": ");
            }
        }
        rest = &rest[length..];
    }
    text.push_str(rest);
    text
}

/// What a `<` says, and how long it is: a tag says nothing, a sign of less than says itself.
fn tag(rest: &str) -> (&str, usize) {
    let inner = rest[1..].trim_start_matches('/');
    let is_tag = inner.starts_with(|c: char| c.is_ascii_alphanumeric());
    match rest.find('>') {
        Some(end) if is_tag => ("", end + 1),
        _ => ("<", 1),
    }
}

/// The speaker in the rest of a voice tag: `.loud Ann>`.
fn speaker(rest: &str) -> Option<&str> {
    let (_classes, name) = rest.strip_suffix('>')?.split_once([' ', '\t'])?;
    Some(name.trim()).filter(|name| !name.is_empty())
}

/// What an `&` says, and how long it is.
fn reference(rest: &str) -> (&str, usize) {
    [
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&lrm;", ""),
        ("&rlm;", ""),
    ]
    .into_iter()
    .find(|(name, _)| rest.starts_with(name))
    .map_or(("&", 1), |(name, said)| (said, name.len()))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::super::{Place, tests::read_file};

    fn cues(file: &str) -> Vec<(u64, String)> {
        let read = read_file(file.as_bytes(), "a.srt").unwrap();
        let cue = |block: super::super::Block| match block.place {
            Place::TimeMs(ms) => (ms, block.text),
            other => panic!("{other:?}"),
        };
        read.blocks.into_iter().map(cue).collect()
    }

    fn cue(ms: u64, text: &str) -> (u64, String) {
        (ms, text.to_owned())
    }

    #[test]
    fn webvtt_is_read() {
        let file = "\u{feff}WEBVTT - A talk\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE to us\n\n\
                    intro\n01:02.500 --> 01:04.000 align:start\n<v.loud Ann Lee>Hello <i>all</i> &amp; more</v>\n\n\
                    1:00:00.000 --> 1:00:01.000\n- One\n- Two <00:00:01.000>now\n";
        let read = read_file(file.as_bytes(), "a.txt").unwrap();
        assert_eq!(read.title.as_deref(), Some("A talk"));
        assert_eq!(
            cues(file),
            [
                cue(62_500, "Ann Lee: Hello all & more"),
                cue(3_600_000, "- One\n- Two now"),
            ]
        );
    }

    #[test]
    fn subrip_is_read() {
        let file = "1\r\n00:00:01,000 --> 00:00:02,000\r\nif a < b\r\n\r\n2\r\n00:04:10,5 --> x\r\n<font color=\"red\">Red</font>\r\n";
        assert_eq!(cues(file), [cue(1000, "if a < b"), cue(250_500, "Red")]);
    }

    #[test]
    fn lines_that_moved_up_are_said_once() {
        let file = "WEBVTT\n\n00:01.000 --> 00:02.000\none\n\n00:02.000 --> 00:03.000\none\ntwo\n\n00:03.000 --> 00:04.000\ntwo\n";
        assert_eq!(cues(file), [cue(1000, "one"), cue(2000, "two")]);
    }

    #[test]
    fn malformed_cues_lose_no_text() {
        let file = "WEBVTT\n00:01.000 --> 00:02.000\none\n3\n00:03.000 -->\ntwo\n\n99:99:99:99 --> never\nthree\n\nfour";
        let texts: Vec<_> = cues(file).into_iter().map(|(_, text)| text).collect();
        assert_eq!(
            texts,
            ["one", "two", "99:99:99:99 --> never\nthree", "four"]
        );
    }

    proptest! {
        #[test]
        fn what_is_said_is_read_at_its_time(said in prop::collection::vec(("[a-z]{1,9}( [a-z]{1,9}){0,3}", 0_u64..360_000_000), 1..20)) {
            let mut file = String::from("WEBVTT\n");
            let mut expected: Vec<(u64, String)> = Vec::new();
            for (text, ms) in &said {
                let (s, m, h) = (ms / 1000 % 60, ms / 60_000 % 60, ms / 3_600_000);
                let _ = write!(file, "\n{h:02}:{m:02}:{s:02}.{:03} --> 99:00:00.000\n{text}\n", ms % 1000);
                if expected.last().is_none_or(|(_, last)| last != text) {
                    expected.push((*ms, text.clone()));
                }
            }
            prop_assert_eq!(cues(&file), expected);
        }

        #[test]
        fn any_text_can_be_read(text in "(WEBVTT\n)?([0-9:., <>&a-z/\n-]|-->|é){0,200}") {
            let _ = read_file(text.as_bytes(), "a.vtt");
        }
    }
}
