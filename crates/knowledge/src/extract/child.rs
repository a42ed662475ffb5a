//! The child process: holds itself to limits, and reads one document.

use std::{
    io::{self, BufRead, Read, Write},
    process::{self, ExitCode},
    thread,
};

use super::{
    Block, Hint, Listener,
    frame::{Frame, Request, VERSION, encode},
    limits, read_to,
};

/// Readers of formats recurse; how deep, the parent's shell is not to decide.
const STACK_BYTES: usize = 16 << 20;

/// No request is longer.
const MAX_REQUEST_BYTES: u64 = 1 << 20;

/// Reads the document that comes on standard input, and writes what is in it to standard output. A
/// program that uses [`super::Extractor`] calls it for the arguments that it names there, before it
/// starts threads or opens anything. Ends with 0 if the parent was told all.
pub fn run() -> ExitCode {
    // A thread of its own, for its stack.
    let reader = thread::Builder::new()
        .name("reader".into())
        .stack_size(STACK_BYTES)
        .spawn(serve);
    match reader.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(error))) | Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        // It said so itself when it panicked.
        Ok(Err(_)) => ExitCode::FAILURE,
    }
}

fn serve() -> io::Result<()> {
    let mut line = Vec::new();
    let mut input = io::stdin().lock();
    input
        .by_ref()
        .take(MAX_REQUEST_BYTES)
        .read_until(b'\n', &mut line)?;
    let request: Request = serde_json::from_slice(&line)?;
    // The request comes from the parent, what follows from a stranger.
    limits::set(request.limits)?;
    let mut frames = Frames(io::stdout().lock());
    frames.send(&Frame::Ready(VERSION));

    let mut file = Vec::with_capacity(usize::try_from(request.size_bytes).unwrap_or_default());
    input.read_to_end(&mut file)?;
    let hint = Hint {
        file_name: &request.file_name,
        media_type: &request.media_type,
    };
    let last = match read_to(&file, hint, &mut frames, request.limits.text_bytes) {
        Ok(title) => Frame::Done(title),
        Err(refusal) => Frame::Refused(refusal),
    };
    frames.send(&last);
    Ok(())
}

/// Writes frames to the parent.
struct Frames(io::StdoutLock<'static>);

impl Frames {
    fn send(&mut self, frame: &Frame) {
        let sent = self.0.write_all(&encode(frame));
        if sent.and_then(|()| self.0.flush()).is_err() {
            // Nobody waits for the rest.
            process::exit(1);
        }
    }
}

impl Listener for Frames {
    fn blocks(&mut self, blocks: Vec<Block>) {
        self.send(&Frame::Blocks(blocks));
    }

    fn pages(&mut self, done: u32, total: u32) {
        self.send(&Frame::Pages(done, total));
    }
}
