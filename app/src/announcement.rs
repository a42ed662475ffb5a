//! What the start says: where the app is, what it uses, and why.

use std::{fmt, net::SocketAddr, path::Path};

use crate::model_list::ModelChoice;

/// What is announced.
pub(crate) struct Announcement<'a> {
    /// Where it listens; `None` where Lambda's Runtime API hands over the requests.
    pub(crate) address: Option<SocketAddr>,
    /// Whether no key is set.
    pub(crate) is_open: bool,
    pub(crate) data_dir: &'a Path,
    pub(crate) database: &'a Path,
    pub(crate) choice: &'a ModelChoice,
}

impl fmt::Display for Announcement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Tidewire {}", env!("CARGO_PKG_VERSION"))?;
        writeln!(f)?;
        match self.address {
            Some(address) => writeln!(f, "  address  http://{address}")?,
            None => writeln!(
                f,
                "  address  none: Lambda's Runtime API hands over the requests"
            )?,
        }
        writeln!(f, "  data     {}", self.data_dir.display())?;
        let mut label = "models";
        for line in &self.choice.lines {
            writeln!(f, "  {label:7}  {line}")?;
            label = "";
        }
        let database = self.database.display();
        writeln!(
            f,
            "  store    SQLite, {database} (the default: store.kind is sqlite)"
        )?;
        writeln!(
            f,
            "  queue    none: turns run in this process, and there are no other jobs"
        )?;
        if self.is_open {
            writeln!(
                f,
                "  access   this machine alone, without signing in: no key is set (`tidewire key NAME` makes one)"
            )?;
            if self
                .address
                .is_some_and(|address| !address.ip().is_loopback())
            {
                writeln!(
                    f,
                    "           It listens beyond this machine, and answers nobody there until a key is set."
                )?;
            }
        } else {
            writeln!(
                f,
                "  access   whoever has one of the keys of the configuration"
            )?;
        }
        Ok(())
    }
}
