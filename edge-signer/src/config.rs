//! The command line.

use std::net::SocketAddr;

use clap::Parser;
use tidewire_aws::AwsSettings;

use crate::proxy::{FunctionUrl, Gate, InvalidUrl};

/// Lets any HTTP client use a Lambda function URL that asks for AWS credentials.
///
/// Listens on this machine, signs each request with your AWS credentials (AWS Signature Version 4),
/// passes it on, and streams the answer back. Credentials are found as the AWS CLI finds them:
/// environment, profile files, IAM Identity Center, web identity, ECS, EC2. A client's own
/// Authorization header travels as x-tidewire-authorization.
#[derive(Debug, Parser)]
#[command(
    name = "edge-signer",
    version,
    after_help = "Example:\n  \
        edge-signer --url https://ID.lambda-url.eu-west-1.on.aws &\n  \
        curl http://127.0.0.1:9000/v1/models"
)]
pub struct Config {
    /// The function URL, such as <https://ID.lambda-url.REGION.on.aws>; for tests also an http://
    /// URL of this machine.
    #[arg(long, value_name = "URL")]
    url: String,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9000")]
    listen: SocketAddr,
    /// Listen on an address that other machines reach. Whoever does acts with your credentials.
    #[arg(long)]
    listen_anywhere: bool,
    /// The function's region; by default the one in its URL.
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The profile in ~/.aws/config; by default `AWS_PROFILE` or "default".
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

/// The proxy would serve others than whoever starts it.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} can be reached from other machines, and whoever reaches it acts with your credentials: \
     listen on 127.0.0.1, or add --listen-anywhere"
)]
pub struct ForeignAddress(SocketAddr);

impl Config {
    /// Where requests go.
    pub fn function_url(&self) -> Result<FunctionUrl, InvalidUrl> {
        FunctionUrl::parse(&self.url, self.region.as_deref())
    }

    /// Where to listen, and to whom.
    pub fn address(&self) -> Result<(SocketAddr, Gate), ForeignAddress> {
        let is_loopback = self.listen.ip().to_canonical().is_loopback();
        match (self.listen_anywhere, is_loopback) {
            (false, false) => Err(ForeignAddress(self.listen)),
            (true, false) => Ok((self.listen, Gate::Anywhere)),
            (_, true) => Ok((self.listen, Gate::Loopback)),
        }
    }

    /// Whose credentials are used, to sign for `url`.
    pub fn aws(&self, url: &FunctionUrl) -> AwsSettings {
        AwsSettings {
            region: Some(url.region().to_owned()),
            profile: self.profile.clone(),
            ..AwsSettings::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn read(arguments: &str) -> Config {
        let url = "edge-signer --url https://abc.lambda-url.eu-west-1.on.aws";
        Config::parse_from(format!("{url} {arguments}").split_whitespace())
    }

    #[test]
    fn the_command_line_is_sound() {
        Config::command().debug_assert();
        let config = read("--profile work");
        let aws = config.aws(&config.function_url().unwrap());
        assert_eq!(aws.region.as_deref(), Some("eu-west-1"));
        assert_eq!(aws.profile.as_deref(), Some("work"));
    }

    #[test]
    fn only_who_says_so_lets_others_in() {
        for (arguments, gate) in [
            ("", Some(Gate::Loopback)),
            ("--listen 127.8.9.1:0", Some(Gate::Loopback)),
            ("--listen [::1]:1", Some(Gate::Loopback)),
            ("--listen [::ffff:127.0.0.1]:1", Some(Gate::Loopback)),
            ("--listen-anywhere", Some(Gate::Loopback)),
            ("--listen 0.0.0.0:1", None),
            ("--listen [::]:1", None),
            ("--listen 192.168.0.1:1", None),
            ("--listen 0.0.0.0:1 --listen-anywhere", Some(Gate::Anywhere)),
        ] {
            let address = read(arguments).address();
            assert_eq!(address.ok().map(|(_, gate)| gate), gate, "{arguments}");
        }
    }
}
