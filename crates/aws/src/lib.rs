//! The one place for credentials, region, endpoints and the HTTP client of the AWS SDKs.
//!
//! Adapters make their clients from [`Aws::sdk_config`], so that they share credentials and
//! connections.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

/// How long an unused connection is kept. Load balancers forget one after 60 s, some without a word,
/// and a function's environment may be frozen for as long: whoever then uses it waits in vain.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// What differs from what the machine says. All absent: its environment, its profile files, and
/// inside AWS the role that it was given.
#[derive(Debug, Clone, Default)]
pub struct AwsSettings {
    /// The region, such as `eu-west-1`.
    pub region: Option<String>,
    /// The profile in `~/.aws/config`.
    pub profile: Option<String>,
    /// Where all services are, in place of AWS: an emulator.
    pub endpoint_url: Option<String>,
    /// Credentials that were made for an emulator.
    pub access_key: Option<AccessKey>,
}

/// Credentials without an end.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: SecretString,
}

/// AWS as this program sees it.
///
/// Making it does nothing. What is found out is found out once, at the first call that needs it, so
/// that a program which does not use AWS never looks for it, and one which does starts before it looked.
///
/// Credentials come from the SDK's default chain: environment, profile files (also IAM Identity
/// Center and `credential_process`, but not `aws login`), web identity, ECS, EC2. Proxies are not used.
#[derive(Debug, Default)]
pub struct Aws {
    settings: AwsSettings,
    sdk_config: OnceCell<SdkConfig>,
}

impl Aws {
    /// AWS under these settings.
    pub const fn new(settings: AwsSettings) -> Self {
        Self {
            settings,
            sdk_config: OnceCell::const_new(),
        }
    }

    /// What the clients of all services are made from. Credentials are not among what it has looked
    /// for: clients fetch and refresh them as they need them.
    pub async fn sdk_config(&self) -> &SdkConfig {
        self.sdk_config.get_or_init(|| self.load()).await
    }

    async fn load(&self) -> SdkConfig {
        // Its sockets have TCP_NODELAY set: that is the builder's default, and a test's business.
        let http_client = Builder::new()
            .pool_idle_timeout(IDLE_TIMEOUT)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        // A version of its own date, so that an update of the SDK changes no behaviour.
        let mut loader =
            aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(http_client);
        let AwsSettings {
            region,
            profile,
            endpoint_url,
            access_key,
        } = &self.settings;
        if let Some(region) = region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(AccessKey { id, secret }) = access_key {
            loader = loader.credentials_provider(Credentials::new(
                id,
                secret.expose_secret(),
                None,
                None,
                "settings",
            ));
        }
        loader.load().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn settings_go_before_what_the_machine_says() {
        let aws = Aws::new(AwsSettings {
            region: Some("eu-west-1".into()),
            profile: None,
            endpoint_url: Some("http://127.0.0.1:4566".into()),
            access_key: Some(AccessKey {
                id: "id".into(),
                secret: "very-secret".into(),
            }),
        });
        assert!(!format!("{aws:?}").contains("very-secret"));
        let config = aws.sdk_config().await;
        assert_eq!(config.region().map(Region::as_ref), Some("eu-west-1"));
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:4566"));
        assert!(config.credentials_provider().is_some());
        assert!(!format!("{config:?}").contains("very-secret"));
    }

    #[tokio::test]
    async fn it_is_loaded_once() {
        let aws = Aws::new(AwsSettings {
            region: Some("eu-west-1".into()),
            ..AwsSettings::default()
        });
        let first: *const SdkConfig = aws.sdk_config().await;
        let second: *const SdkConfig = aws.sdk_config().await;
        assert_eq!(first, second);
    }
}
