//! The program `edge-signer`.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use anyhow::Context;
use clap::Parser;
use edge_signer::{
    Config, CredentialsCache,
    proxy::{Proxy, serve},
    stop_signal,
};
use tidewire_aws::Aws;
use tokio::net::TcpListener;
use tracing::warn;
use tracing_subscriber::EnvFilter;

/// How long answers that run may take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::parse();
    let url = config.function_url()?;
    let (address, gate) = config.address()?;
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("error,edge_signer=info"))
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
    let aws = Aws::new(config.aws(&url));
    let provider = aws.sdk_config().await.credentials_provider();
    let credentials = CredentialsCache::new(provider.context("AWS credentials are switched off")?);
    let proxy = Proxy::new(url.clone(), credentials.clone(), gate)?;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    let address = listener.local_addr()?;
    let region = url.region();
    println!("edge-signer: http://{address} -> {url} ({region}), signed with your AWS credentials");
    tokio::spawn(async move {
        if let Err(error) = credentials.get().await {
            warn!("requests will get 503: {error}");
        }
    });
    serve(listener, proxy, stop_signal()?, GRACE).await;
    Ok(())
}
