//! What a test and its server tell each other.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio::sync::Notify;

use crate::Reply;

/// Replies that wait in line, and requests that came. Clones share both.
#[derive(Debug, Clone, Default)]
pub struct Script {
    seen: Arc<Mutex<Seen>>,
    disconnected: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Seen {
    requests: Vec<Value>,
    replies: HashMap<String, VecDeque<Reply>>,
}

impl Script {
    /// The next request for `model` gets this reply; several wait in line.
    pub fn reply_next(&self, model: &str, reply: Reply) {
        let mut seen = self.seen();
        let line = seen.replies.entry(model.to_owned()).or_default();
        line.push_back(reply);
    }

    /// Notes a request down; the reply that waits for it, if one does.
    pub fn next_reply(&self, model: &str, request: Value) -> Option<Reply> {
        let mut seen = self.seen();
        seen.requests.push(request);
        seen.replies.get_mut(model)?.pop_front()
    }

    /// The bodies of the requests so far, oldest first.
    pub fn requests(&self) -> Vec<Value> {
        self.seen().requests.clone()
    }

    /// Waits until a client has gone before the end of its reply. Each one is told once.
    pub async fn disconnected(&self) {
        self.disconnected.notified().await;
    }

    /// Tells [`Script::disconnected`].
    pub(crate) fn tell_disconnected(&self) {
        self.disconnected.notify_one();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
