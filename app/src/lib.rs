//! The Tidewire app: HTTP in, server-sent events out. A library so that tests run the real thing.

mod announcement;
mod app;
mod cli;
mod config;
mod documentation;
#[cfg(feature = "fuzz")]
pub mod fuzzing;
mod http;
mod key_command;
mod lambda;
mod logging;
mod model_list;
mod router;
mod routes;
mod serve;
mod signal;
mod state;
mod ui;
mod wire;

pub use app::App;
pub use cli::{Cli, Command};
pub use config::{
    BedrockSettings, Front, KeySettings, LoadedSettings, LogFormat, LogSettings, ModelSettings,
    OfflineSettings, Provider, Secret, ServerSettings, Settings, SettingsError, StoreKind,
    StoreSettings, TurnSettings,
};
pub use key_command::print_new_key;
pub use logging::start_logging;
pub use model_list::ModelChoice;
pub use serve::{listen, serve};
pub use signal::stop_signal;
