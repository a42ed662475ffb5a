//! What the fuzz targets in `tests/fuzz` call. These parsers are nobody else's business, so they
//! are public only with the feature `fuzz`, which no other build turns on.

use std::collections::HashSet;

use bytes::Bytes;
use futures_util::stream;
use tidewire_domain::{ModelError, ModelRequest, ModelStream};

use super::{
    answer::Answer,
    failure::Failure,
    request::{Dialect, Extras, chat_completion_request},
    sse::SseDecoder,
    stream::AnswerStream,
};

/// The data of all events of a stream that comes in these pieces, up to what cannot be read.
pub fn event_data<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Vec<u8>>, Result<(), ModelError>) {
    let mut decoder = SseDecoder::default();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        loop {
            match decoder.next_data() {
                Ok(Some(data)) => events.push(data.to_vec()),
                Ok(None) => break,
                Err(error) => return (events, Err(error)),
            }
        }
    }
    events.extend(decoder.end().map(<[u8]>::to_vec));
    (events, Ok(()))
}

/// The answer of a server whose body comes in these pieces.
pub fn answer(pieces: Vec<Bytes>) -> ModelStream {
    let body = stream::iter(pieces.into_iter().map(Ok));
    let failure = Failure::new("http://127.0.0.1/v1", None);
    let answer = Answer::new(HashSet::new(), failure);
    Box::pin(AnswerStream::new(Box::pin(body), answer))
}

/// The bodies of a request, as OpenAI and as everybody else takes it.
pub fn request_bodies(request: &ModelRequest) -> Result<[Vec<u8>; 2], ModelError> {
    let extras = Extras {
        usage: true,
        tools: true,
    };
    let body = |dialect| chat_completion_request("model", request, dialect, extras);
    Ok([body(Dialect::OpenAi)?, body(Dialect::Compatible)?])
}
