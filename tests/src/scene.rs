//! What most tests begin with.

use crate::{Client, Service, Site, Upstream};

/// An app, its model in the test's hands, and a user.
#[derive(Debug)]
pub struct Scene {
    /// The model.
    pub upstream: Upstream,
    /// Where the app runs.
    pub site: Site,
    /// The app.
    pub service: Service,
    /// The user.
    pub client: Client,
}

impl Scene {
    /// Starts an app with the default settings.
    pub async fn start() -> Self {
        Self::start_with(|site| site).await
    }

    /// Starts an app with other settings.
    pub async fn start_with(settings: impl FnOnce(Site) -> Site) -> Self {
        let upstream = Upstream::start().await;
        let site = settings(Site::new(&upstream));
        let service = site.start().await;
        Self {
            client: service.client(),
            upstream,
            site,
            service,
        }
    }
}
