//! Jobs as text.

use tidewire_domain::{Job, QueueError};

use crate::MAX_JOB_BYTES;

/// The job as JSON, without characters that SQS does not carry.
pub(crate) fn write(job: &Job) -> Result<String, QueueError> {
    let text = serde_json::to_string(job)
        .expect("our types have string keys and no failing parts")
        // They occur within strings alone, where JSON may spell them so.
        .replace('\u{fffe}', "\\ufffe")
        .replace('\u{ffff}', "\\uffff");
    if text.len() > MAX_JOB_BYTES {
        return Err(QueueError::TooLarge {
            size_bytes: text.len(),
            max_bytes: MAX_JOB_BYTES,
        });
    }
    Ok(text)
}

/// The job, or the text itself where it is none of this release's.
pub(crate) fn read(text: String) -> Result<Job, String> {
    serde_json::from_str(&text).map_err(|_| text)
}
