//! How far a turn may go.

use std::time::Duration;

/// The bounds of every turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnLimits {
    /// The longest duration. It ends with everything stored before Lambda's 15 minutes do.
    pub max_duration: Duration,
    /// The longest silence of a model before its call is given up.
    pub max_silence: Duration,
    /// Tokens that all model calls of a turn may use together.
    pub token_budget: u64,
    /// How often a model may ask for tools before the turn ends.
    pub max_tool_rounds: u32,
    /// The longest run of one tool.
    pub max_tool_duration: Duration,
    /// How long events may wait in memory before they are stored.
    pub flush_interval: Duration,
    /// How many bytes of events may wait.
    pub flush_bytes: usize,
    /// How long a lease lives without renewal.
    pub lease: Duration,
    /// How long a turn may wait in a queue for its producer.
    pub queued: Duration,
    /// The longest text of one user message, in bytes.
    pub max_text_bytes: usize,
}

impl Default for TurnLimits {
    fn default() -> Self {
        Self {
            max_duration: Duration::from_mins(14),
            max_silence: Duration::from_mins(1),
            token_budget: 1_000_000,
            max_tool_rounds: 16,
            max_tool_duration: Duration::from_mins(2),
            flush_interval: Duration::from_millis(250),
            flush_bytes: 4096,
            lease: Duration::from_secs(30),
            queued: Duration::from_hours(1),
            max_text_bytes: 256 * 1024,
        }
    }
}
