//! What can go wrong, by what the caller does about it.

use std::time::Duration;

/// Why a source, or an item of it, could not be read.
///
/// Messages name what was asked for and the way out. They hold no keys, and of URLs no queries:
/// addresses of private feeds often carry a token there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// What the user gave cannot be used: the text says why. Ask for something else.
    #[error("{0}")]
    Invalid(String),
    /// The address is not one that may be reached. It stays so until a person changes it.
    #[error("{0}")]
    Refused(String),
    /// More than what is read from one address, or in one feed.
    #[error("{0}")]
    TooLarge(String),
    /// The site asks programs not to read this.
    #[error("{url} is not read, since the robots.txt of its site asks programs not to")]
    NotAllowedByRobots {
        /// The address, without its query.
        url: String,
    },
    /// It does not exist, or no longer: 404 or 410.
    #[error("{url} does not exist (status {status})")]
    Gone {
        /// The address, without its query.
        url: String,
        /// 404 or 410, the latter meaning that it will not come back.
        status: u16,
    },
    /// The server refuses: it wants a sign-in, or something that is not ours to give.
    #[error("{0}")]
    Denied(String),
    /// Too many requests. Come back later, not before the time that it names.
    #[error("{host} takes no more requests for now{}", after(*.retry_after))]
    Throttled {
        /// Who said so.
        host: String,
        /// How long to wait at least, where the server said it; at most a day.
        retry_after: Option<Duration>,
    },
    /// The requests that YouTube grants the API key in a day are used up.
    #[error("the quota of the YouTube API key is used up for today{}", after(Some(*.retry_after)))]
    QuotaExceeded {
        /// How long until it is granted again, at midnight Pacific time.
        retry_after: Duration,
    },
    /// The video is private.
    #[error("the video {video} is private: its owner has to publish it, or share it unlisted")]
    VideoPrivate {
        /// The video's id.
        video: String,
    },
    /// The video was deleted, or its account was closed.
    #[error("the video {video} is no longer on YouTube")]
    VideoDeleted {
        /// The video's id.
        video: String,
    },
    /// The video has no text that could be read.
    #[error("{0}")]
    NoTranscript(String),
    /// YouTube gives transcripts of no video to this machine's address. The text names the way
    /// out.
    #[error("{0}")]
    TranscriptsRefused(String),
    /// It could not be reached, or broke off. Try again later.
    #[error("{0}")]
    Unavailable(String),
    /// It answered with what cannot be understood.
    #[error("{0}")]
    Malformed(String),
}

impl SourceError {
    /// A name that programs can tell the kind by; it never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::Refused(_) => "address_refused",
            Self::TooLarge(_) => "too_large",
            Self::NotAllowedByRobots { .. } => "not_allowed_by_robots",
            Self::Gone { .. } => "gone",
            Self::Denied(_) => "denied",
            Self::Throttled { .. } => "throttled",
            Self::QuotaExceeded { .. } => "quota_exceeded",
            Self::VideoPrivate { .. } => "video_private",
            Self::VideoDeleted { .. } => "video_deleted",
            Self::NoTranscript(_) => "no_transcript",
            Self::TranscriptsRefused(_) => "transcripts_refused",
            Self::Unavailable(_) => "unavailable",
            Self::Malformed(_) => "malformed",
        }
    }

    /// Whether trying again soon is of no use: something has to change first, here or there.
    pub const fn is_permanent(&self) -> bool {
        !matches!(
            self,
            Self::Throttled { .. }
                | Self::QuotaExceeded { .. }
                | Self::TranscriptsRefused(_)
                | Self::Unavailable(_)
        )
    }

    /// How long to wait before trying again, where the other side said it.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after, .. } => *retry_after,
            Self::QuotaExceeded { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

fn after(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| {
        format!("; try again in {} s", wait.as_secs())
    })
}
