//! A proxy before a function that the test plays.

use std::{net::SocketAddr, time::Duration};

use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future,
};
use edge_signer::{
    Credentials, CredentialsCache,
    proxy::{FunctionUrl, Gate, Proxy, serve},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{client::Client, function::Function};

pub(crate) const REGION: &str = "eu-west-1";

pub(crate) fn credentials() -> Credentials {
    Credentials::from_keys(
        "AKIDEXAMPLE",
        "very-secret",
        Some("very-secret-token".into()),
    )
}

/// A proxy that runs.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) task: JoinHandle<()>,
}

/// The proxy for `url`.
pub(crate) async fn start(url: &str, credentials: CredentialsCache) -> Running {
    let url = FunctionUrl::parse(url, Some(REGION)).unwrap();
    let proxy = Proxy::new(url, credentials, Gate::Loopback).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        // A test that ends without stopping the proxy lets it run.
        if stopped.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let task = tokio::spawn(serve(listener, proxy, shutdown, Duration::from_mins(1)));
    Running {
        address,
        stop,
        task,
    }
}

/// A function, the proxy before it, and a connection to that.
pub(crate) async fn set() -> (Function, Running, Client) {
    let function = Function::start().await;
    let proxy = start(&function.url, credentials().into()).await;
    let client = Client::connect(proxy.address).await;
    (function, proxy, client)
}

/// Nobody's credentials.
#[derive(Debug)]
struct Nobody;

impl ProvideCredentials for Nobody {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("none were set")))
    }
}

pub(crate) fn no_credentials() -> CredentialsCache {
    CredentialsCache::new(SharedCredentialsProvider::new(Nobody))
}
