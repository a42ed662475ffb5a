//! The harness of Tidewire's tests: the app over real sockets, with a model that says what the test
//! tells it to.

mod answer;
mod client;
mod event_stream;
mod path_scene;
mod patience;
mod process;
mod raw_http;
mod scene;
mod service;
mod settings;
mod upstream;

pub use answer::Answer;
pub use client::{Client, http_client};
pub use event_stream::{Event, EventStream, assert_whole_log, finish_reason, text_of};
pub use path_scene::PathScene;
pub use patience::soon;
pub use process::Process;
pub use raw_http::raw_exchange;
pub use scene::Scene;
pub use service::Service;
pub use settings::{Site, key_of};
pub use upstream::{Call, Upstream};
