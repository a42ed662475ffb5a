//! Reads server-sent events as they come off the wire, whatever pieces they come in.
//!
//! The format is the one of the HTML standard
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>).
//! Only `data` is of interest here: no server of this dialect says anything in the other fields.
//! The field's parsers for Rust copy each event several times and let a line grow without end; this
//! one lends the bytes out of its buffer.

use std::ops::Range;

use memchr::memchr2;
use tidewire_domain::ModelError;

/// The longest event. Whole tool calls come in one event, so it is far above a token's.
const MAX_EVENT_BYTES: usize = 1 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Takes bytes in, gives the data of whole events out.
#[derive(Debug, Default)]
pub(super) struct SseDecoder {
    /// What came and was not given out; starts at a line of the event that is being read.
    buffer: Vec<u8>,
    /// Where the first line that was not read starts in `buffer`.
    position: usize,
    /// How far the search for that line's end came.
    searched: usize,
    /// The last line ended in CR: a LF that follows belongs to it.
    skip_line_feed: bool,
    /// Whether the place where a byte order mark may stand is passed.
    begun: bool,
    data: Data,
}

/// The data of the event that is being read.
#[derive(Debug, Default)]
enum Data {
    #[default]
    None,
    /// One line, still in the buffer: the common case, in which nothing is copied.
    Line(Range<usize>),
    /// Several lines, or one that had to leave the buffer.
    Joined(Vec<u8>),
}

impl SseDecoder {
    /// Takes more bytes in. Whole events must have been taken out before.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if let Data::Line(range) = &self.data {
            self.data = Data::Joined(self.buffer[range.clone()].to_vec());
        }
        self.buffer.drain(..self.position);
        self.searched -= self.position;
        self.position = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The data of the next event, if the whole of it is there.
    pub(super) fn next_data(&mut self) -> Result<Option<&[u8]>, ModelError> {
        if !self.begun && !self.skip_byte_order_mark() {
            return Ok(None);
        }
        while let Some(line) = self.next_line()? {
            if line.is_empty() {
                // An event without data is no event.
                if !matches!(self.data, Data::None) {
                    return Ok(self.take_data());
                }
            } else if let Some(value) = data_value(&self.buffer, line) {
                self.add(value)?;
            }
        }
        Ok(None)
    }

    /// What is left when the stream is over: a last event whose empty line never came.
    pub(super) fn end(&mut self) -> Option<&[u8]> {
        let line = self.position..self.buffer.len();
        self.position = line.end;
        self.searched = line.end;
        if let Some(value) = data_value(&self.buffer, line) {
            self.add(value).ok()?;
        }
        self.take_data()
    }

    fn take_data(&mut self) -> Option<&[u8]> {
        match std::mem::take(&mut self.data) {
            Data::None => None,
            Data::Line(range) => Some(&self.buffer[range]),
            Data::Joined(joined) => {
                // Parked in front of the unread bytes, so that it can be lent like any other.
                let length = joined.len();
                self.buffer.splice(..self.position, joined);
                self.searched = self.searched - self.position + length;
                self.position = length;
                Some(&self.buffer[..length])
            }
        }
    }

    fn add(&mut self, value: Range<usize>) -> Result<(), ModelError> {
        let mut joined = match std::mem::take(&mut self.data) {
            Data::None => {
                self.data = Data::Line(value);
                return Ok(());
            }
            Data::Line(first) => self.buffer[first].to_vec(),
            Data::Joined(joined) => joined,
        };
        joined.push(b'\n');
        joined.extend_from_slice(&self.buffer[value]);
        if joined.len() > MAX_EVENT_BYTES {
            return Err(too_long());
        }
        self.data = Data::Joined(joined);
        Ok(())
    }

    /// Passes over the next line, if its end is there.
    fn next_line(&mut self) -> Result<Option<Range<usize>>, ModelError> {
        if self.skip_line_feed
            && let Some(&byte) = self.buffer.get(self.position)
        {
            self.skip_line_feed = false;
            if byte == b'\n' {
                self.position += 1;
                self.searched = self.searched.max(self.position);
            }
        }
        let end = memchr2(b'\r', b'\n', &self.buffer[self.searched..])
            .map(|offset| self.searched + offset);
        let length = end.unwrap_or(self.buffer.len()) - self.position;
        if length > MAX_EVENT_BYTES {
            return Err(too_long());
        }
        let Some(end) = end else {
            self.searched = self.buffer.len();
            return Ok(None);
        };
        self.skip_line_feed = self.buffer[end] == b'\r';
        let line = self.position..end;
        self.position = end + 1;
        self.searched = self.position;
        Ok(Some(line))
    }

    /// Whether it is known if a mark stood there.
    fn skip_byte_order_mark(&mut self) -> bool {
        if self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.position = BYTE_ORDER_MARK.len();
            self.searched = self.position;
        } else if BYTE_ORDER_MARK.starts_with(&self.buffer) {
            return false;
        }
        self.begun = true;
        true
    }
}

/// The value of a line of the field `data`; `None` for comments and other fields.
fn data_value(buffer: &[u8], line: Range<usize>) -> Option<Range<usize>> {
    let rest = buffer[line.clone()].strip_prefix(b"data")?;
    let value = match rest {
        [] => rest,
        [b':', b' ', value @ ..] | [b':', value @ ..] => value,
        _ => return None,
    };
    Some(line.end - value.len()..line.end)
}

fn too_long() -> ModelError {
    ModelError::Protocol(format!("an event is longer than {MAX_EVENT_BYTES} bytes"))
}

#[cfg(test)]
#[path = "sse_tests.rs"]
mod tests;
