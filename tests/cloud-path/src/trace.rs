//! What each stage does with each request, in lines for whoever watches. Never a header's value, a
//! query or a body: those hold secrets.

use std::{
    fmt::{Display, Write},
    sync::{Arc, Mutex, PoisonError},
};

/// Where the lines go.
#[derive(Debug, Clone, Default)]
pub enum Trace {
    /// Nowhere.
    #[default]
    Off,
    /// To standard error.
    Shown,
    /// Into memory, for tests.
    Kept(Arc<Mutex<String>>),
}

impl Trace {
    /// Says what whoever started the path has to know, whether or not they watch.
    pub(crate) fn warn(&self, what: impl Display) {
        match self {
            Self::Off | Self::Shown => eprintln!("{what}"),
            Self::Kept(_) => self.say("warning", "-", what),
        }
    }

    /// Says what `stage` did with the request `id`.
    pub(crate) fn say(&self, stage: &str, id: &str, what: impl Display) {
        let id = id.get(..8).unwrap_or(id);
        match self {
            Self::Off => {}
            Self::Shown => eprintln!("{id}  {stage:<12} {what}"),
            Self::Kept(lines) => {
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                // Writing to memory cannot fail.
                let _ = writeln!(lines, "{id}  {stage:<12} {what}");
            }
        }
    }
}
