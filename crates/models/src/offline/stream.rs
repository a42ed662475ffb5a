//! An answer being told: cut into tokens as it is polled, at its pace.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::Stream;
use pin_project_lite::pin_project;
use tidewire_domain::{FinishReason, ModelError, ModelEvent, Usage};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    answer::Answer,
    library::Library,
    pointer::cite,
    token::{count_tokens, cut_token},
};

/// After so many tokens in one go other tasks get their turn.
const BURST_TOKENS: u8 = 64;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Text,
    Call,
    Usage(FinishReason),
    Finished(FinishReason),
    Over,
}

pin_project! {
    /// The stream of one answer.
    pub(super) struct AnswerStream {
        answer: Answer,
        library: Arc<Library>,
        // Where the telling stands: the piece, the byte in it, the citations given.
        piece: u32,
        offset: u32,
        cited: u32,
        burst: u8,
        stage: Stage,
        tokens: u64,
        max_tokens: u64,
        input_tokens: u64,
        pace: Option<Pace>,
        #[pin]
        sleep: Option<Sleep>,
    }
}

/// When tokens are due. Each is due at its own moment after the first, so that delays do not add
/// up.
#[derive(Debug, Clone, Copy)]
struct Pace {
    seconds_per_token: f64,
    start: Option<Instant>,
}

impl AnswerStream {
    /// Starts telling. 0 tokens a second is as fast as they are asked for.
    pub(super) fn new(
        answer: Answer,
        library: Arc<Library>,
        input_tokens: u64,
        max_tokens: Option<u64>,
        tokens_per_second: f64,
    ) -> Self {
        let is_paced = tokens_per_second.is_finite() && tokens_per_second > 0.0;
        Self {
            answer,
            library,
            piece: 0,
            offset: 0,
            cited: 0,
            burst: 0,
            stage: Stage::Text,
            tokens: 0,
            max_tokens: max_tokens.unwrap_or(u64::MAX),
            input_tokens,
            pace: is_paced.then(|| Pace {
                seconds_per_token: tokens_per_second.recip(),
                start: None,
            }),
            sleep: None,
        }
    }
}

impl Pace {
    /// When this token is due. The clock starts when the first one is asked for.
    fn due(&mut self, token: u64) -> Instant {
        let start = *self.start.get_or_insert_with(Instant::now);
        #[expect(
            clippy::cast_precision_loss,
            reason = "answers are shorter than 2^52 tokens"
        )]
        let seconds = token as f64 * self.seconds_per_token;
        // A pace of one token in centuries is one that never comes.
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_hours(24 * 365));
        start + wait
    }
}

impl Stream for AnswerStream {
    type Item = Result<ModelEvent, ModelError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            match *this.stage {
                Stage::Text => {
                    if let Some(mark) = this.answer.marks.get(*this.cited as usize)
                        && mark.piece < *this.piece as usize
                    {
                        *this.cited += 1;
                        let passage = this.library.passage(mark.passage);
                        let citation = cite(passage, *this.cited as usize);
                        return Poll::Ready(Some(Ok(ModelEvent::Citation(citation))));
                    }
                    let Some(piece) = this.answer.pieces.get(*this.piece as usize) else {
                        *this.stage = Stage::Call;
                        continue;
                    };
                    let rest = &piece[*this.offset as usize..];
                    if rest.is_empty() {
                        *this.piece += 1;
                        *this.offset = 0;
                        continue;
                    }
                    if *this.tokens >= *this.max_tokens {
                        *this.stage = Stage::Usage(FinishReason::Length);
                        continue;
                    }
                    if *this.burst >= BURST_TOKENS {
                        *this.burst = 0;
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    if let Some(pace) = this.pace {
                        let due = pace.due(*this.tokens);
                        if Instant::now() < due {
                            match this.sleep.as_mut().as_pin_mut() {
                                None => this.sleep.set(Some(sleep_until(due))),
                                Some(sleep) if sleep.deadline() != due => sleep.reset(due),
                                Some(_) => {}
                            }
                            if let Some(sleep) = this.sleep.as_mut().as_pin_mut() {
                                ready!(sleep.poll(cx));
                            }
                            *this.burst = 0;
                        }
                    }
                    let (token, _) = cut_token(rest);
                    *this.burst += 1;
                    *this.tokens += 1;
                    *this.offset += u32::try_from(token.len()).unwrap_or(u32::MAX);
                    return Poll::Ready(Some(Ok(ModelEvent::TextDelta(token.to_owned()))));
                }
                Stage::Call => {
                    let Some(call) = this.answer.call.take() else {
                        *this.stage = Stage::Usage(FinishReason::Stop);
                        continue;
                    };
                    *this.tokens += count_tokens(&call.arguments.to_string());
                    *this.stage = Stage::Usage(FinishReason::ToolCalls);
                    return Poll::Ready(Some(Ok(ModelEvent::ToolCall(*call))));
                }
                Stage::Usage(reason) => {
                    *this.stage = Stage::Finished(reason);
                    return Poll::Ready(Some(Ok(ModelEvent::Usage(Usage {
                        input_tokens: *this.input_tokens,
                        output_tokens: *this.tokens,
                        ..Usage::default()
                    }))));
                }
                Stage::Finished(reason) => {
                    *this.stage = Stage::Over;
                    return Poll::Ready(Some(Ok(ModelEvent::Finished(reason))));
                }
                Stage::Over => return Poll::Ready(None),
            }
        }
    }
}
