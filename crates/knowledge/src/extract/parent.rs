//! Has a document read by a child process.

use std::{ffi::OsString, io, path::Path, path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    select,
    time::timeout,
};

use super::{
    ExtractError, Extracted, Hint,
    ending::{self, Group},
    frame::{ChildLimits, Decoder, Frame, Request, VERSION, encode},
};

/// What a document may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The size of its file: 100 MB unless told otherwise.
    pub file_bytes: u64,
    /// What the child writes, which is a little more than the text: 64 MB.
    pub output_bytes: usize,
    /// The memory of the child: 1 GB. On Linux alone.
    pub memory_bytes: u64,
    /// Its time on the processor: 60 s. On Linux alone.
    pub cpu_seconds: u64,
    /// Its time on the clock: 120 s.
    pub wall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 100 << 20,
            output_bytes: 64 << 20,
            memory_bytes: 1 << 30,
            cpu_seconds: 60,
            wall: Duration::from_mins(2),
        }
    }
}

/// Where a document's bytes are.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// In this file.
    Path(&'a Path),
    /// Here.
    Bytes(&'a [u8]),
}

/// Reads documents, each in a child process of its own: a malicious file can kill that child and
/// nothing else. The child gets no environment, no open files but its pipes, and the limits. How many
/// run at once is the caller's business. Dropping the future of a call kills the child.
#[derive(Debug, Clone)]
pub struct Extractor {
    program: PathBuf,
    args: Vec<OsString>,
    limits: Limits,
}

impl Extractor {
    /// Children are `program` with these arguments, which has to call [`super::child::run`] for them.
    /// The path is absolute, since children run in the root directory.
    pub fn new(program: PathBuf, args: Vec<OsString>, limits: Limits) -> Self {
        Self {
            program,
            args,
            limits,
        }
    }

    /// Reads a document. `on_pages` hears now and then how many pages were read, and of how many.
    pub async fn extract(
        &self,
        source: Source<'_>,
        hint: Hint<'_>,
        on_pages: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Extracted, ExtractError> {
        let (file, size_bytes) = self.open(source).await?;
        let mut child = self.spawn()?;
        // Kills whatever is left when we return, or when the caller gives up.
        let mut group = Group::of(&child);
        let request = Request {
            file_name: hint.file_name.to_owned(),
            media_type: hint.media_type.to_owned(),
            size_bytes,
            limits: ChildLimits {
                memory_bytes: self.limits.memory_bytes,
                cpu_seconds: self.limits.cpu_seconds,
                text_bytes: self.limits.output_bytes,
            },
        };
        let ended = timeout(
            self.limits.wall,
            self.converse(&mut child, &mut group, &request, file, on_pages),
        );
        ended.await.unwrap_or_else(|_| Err(ending::too_long()))
    }

    async fn open<'a>(
        &self,
        source: Source<'a>,
    ) -> Result<(Box<dyn AsyncRead + Send + Unpin + 'a>, u64), ExtractError> {
        let opened: io::Result<(Box<dyn AsyncRead + Send + Unpin>, u64)> = match source {
            Source::Bytes(bytes) => Ok((Box::new(bytes), bytes.len() as u64)),
            Source::Path(path) => {
                async {
                    let file = File::open(path).await?;
                    let size_bytes = file.metadata().await?.len();
                    Ok((Box::new(file) as Box<_>, size_bytes))
                }
                .await
            }
        };
        let (file, size_bytes) = opened.map_err(|error| {
            ExtractError::Unavailable(format!("the file cannot be opened: {error}"))
        })?;
        if size_bytes > self.limits.file_bytes {
            return Err(self.too_large());
        }
        Ok((file, size_bytes))
    }

    fn too_large(&self) -> ExtractError {
        ExtractError::TooLarge(format!(
            "The file is larger than {} MB. Split it, and upload the parts.",
            self.limits.file_bytes >> 20
        ))
    }

    fn spawn(&self) -> Result<Child, ExtractError> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        command.spawn().map_err(|error| {
            let program = self.program.display();
            ExtractError::Unavailable(format!("{program} cannot be started: {error}"))
        })
    }

    async fn converse(
        &self,
        child: &mut Child,
        group: &mut Group,
        request: &Request,
        file: Box<dyn AsyncRead + Send + Unpin + '_>,
        on_pages: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Extracted, ExtractError> {
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(ExtractError::Unavailable("the child has no pipes".into()));
        };
        let mut answer = Answer::default();
        let talk = async {
            let heard = select! {
                heard = self.listen(stdout, &mut answer, on_pages) => heard,
                error = self.feed(stdin, request, file) => Err(error),
            };
            if !matches!(heard, Ok(None)) {
                // What is left of it says nothing more.
                group.kill();
            }
            heard
        };
        let (heard, complaint) = tokio::join!(talk, complaint(stderr));
        let status = child.wait().await;
        group.forget();
        if let Some(extracted) = heard? {
            return Ok(extracted);
        }
        let status = status.map_err(|error| ExtractError::Unavailable(error.to_string()))?;
        if !answer.is_ready {
            let program = self.program.display();
            return Err(ExtractError::Unavailable(format!(
                "{program} ended before it was ready, with {status}: {complaint}"
            )));
        }
        Err(ending::error_of(status, &complaint, &self.limits))
    }

    /// Sends the request and the file. Returns only if that fails.
    async fn feed(
        &self,
        mut stdin: ChildStdin,
        request: &Request,
        file: Box<dyn AsyncRead + Send + Unpin + '_>,
    ) -> ExtractError {
        let mut file = file.take(self.limits.file_bytes + 1);
        let mut sent_bytes = 0;
        let mut is_open = stdin.write_all(&encode(request)).await.is_ok();
        let mut piece = vec![0; 64 << 10];
        while is_open {
            match file.read(&mut piece).await {
                Ok(0) => break,
                Ok(length) => {
                    sent_bytes += length as u64;
                    // It grew since it was opened.
                    if sent_bytes > self.limits.file_bytes {
                        return self.too_large();
                    }
                    // A child that is gone is the listener's business.
                    is_open = stdin.write_all(&piece[..length]).await.is_ok();
                }
                Err(error) => {
                    let reason = format!("the file cannot be read: {error}");
                    return ExtractError::Unavailable(reason);
                }
            }
        }
        drop(stdin);
        std::future::pending().await
    }

    /// Hears the child out. Returns nothing if it ends without a last word.
    async fn listen(
        &self,
        mut stdout: ChildStdout,
        answer: &mut Answer,
        on_pages: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Option<Extracted>, ExtractError> {
        let mut decoder = Decoder::default();
        let mut heard_bytes = 0;
        let mut piece = vec![0; 64 << 10];
        loop {
            let length = stdout.read(&mut piece).await.unwrap_or_default();
            if length == 0 {
                return Ok(None);
            }
            heard_bytes += length;
            if heard_bytes > self.limits.output_bytes {
                return Err(ending::too_much_text(&self.limits));
            }
            decoder.push(&piece[..length]);
            loop {
                let frame = decoder.next();
                let frame = frame.map_err(|_| ending::garbage(answer.is_ready))?;
                let Some(frame) = frame else {
                    break;
                };
                if let Some(extracted) = answer.take(frame, on_pages)? {
                    return Ok(Some(extracted));
                }
            }
        }
    }
}

/// What was heard so far.
#[derive(Default)]
struct Answer {
    is_ready: bool,
    extracted: Extracted,
}

impl Answer {
    /// Takes a frame. Returns the document after the last one.
    fn take(
        &mut self,
        frame: Frame,
        on_pages: &mut (dyn FnMut(u32, u32) + Send),
    ) -> Result<Option<Extracted>, ExtractError> {
        match frame {
            Frame::Ready(VERSION) if !self.is_ready => self.is_ready = true,
            _ if !self.is_ready => return Err(ending::garbage(false)),
            Frame::Ready(_) => return Err(ending::garbage(true)),
            Frame::Pages(done, total) => on_pages(done, total),
            Frame::Blocks(mut blocks) => self.extracted.blocks.append(&mut blocks),
            Frame::Done(title) => {
                self.extracted.title = title;
                return Ok(Some(std::mem::take(&mut self.extracted)));
            }
            Frame::Refused(refusal) => return Err(refusal.into()),
        }
        Ok(None)
    }
}

/// The first line of what a child complains. The second may quote the document.
async fn complaint(mut stderr: ChildStderr) -> String {
    let mut kept = Vec::new();
    let mut piece = [0; 1024];
    // Read to the end, or the child would wait for it.
    while let Ok(length @ 1..) = stderr.read(&mut piece).await {
        if kept.len() < 1024 {
            kept.extend_from_slice(&piece[..length]);
        }
    }
    let text = String::from_utf8_lossy(&kept);
    // Rust's own complaints begin with an empty line.
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or_default().chars().take(300).collect()
}
