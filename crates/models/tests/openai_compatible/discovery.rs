//! Finding out which models a server has.

use std::time::Duration;

use tidewire_domain::ModelError;
use tidewire_models::openai_compatible::{Connections, discover};
use tidewire_test_openai_upstream::{Upstream, UpstreamSettings, behaviour::MODELS};

const TIMEOUT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn models_are_listed() {
    let upstream = Upstream::start().await.unwrap();
    let connections = Connections::default();
    let models = discover(&connections, &upstream.base_url(), None, TIMEOUT).await;
    assert_eq!(models.unwrap(), MODELS);
    let with_slash = format!("{}/", upstream.base_url());
    let models = discover(&connections, &with_slash, None, TIMEOUT).await;
    assert_eq!(models.unwrap(), MODELS);
}

#[tokio::test]
async fn a_key_is_sent_and_a_refused_one_never_shown() {
    let settings = UpstreamSettings {
        api_key: Some("right-key".into()),
        ..UpstreamSettings::default()
    };
    let upstream = Upstream::start_with(settings).await.unwrap();
    let connections = Connections::default();
    let right = "right-key".into();
    let models = discover(&connections, &upstream.base_url(), Some(&right), TIMEOUT).await;
    assert_eq!(models.unwrap(), MODELS);
    let wrong = "wrong-key".into();
    let models = discover(&connections, &upstream.base_url(), Some(&wrong), TIMEOUT).await;
    let Err(ModelError::AccessDenied(text)) = models else {
        panic!("{models:?}")
    };
    assert!(
        text.contains("***") && !text.contains("wrong-key"),
        "{text}"
    );
}

#[tokio::test]
async fn nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://someone:secret@{address}/v1?key=secret");
    let models = discover(&Connections::default(), &url, None, TIMEOUT).await;
    let Err(ModelError::Unavailable(text)) = models else {
        panic!("{models:?}")
    };
    assert!(
        text.contains(&address.to_string()) && text.contains("refused"),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    // Its backlog takes the connection and nobody ever reads it.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let timeout = Duration::from_millis(50);
    let models = discover(&Connections::default(), &url, None, timeout).await;
    assert_eq!(models, Err(ModelError::Timeout));
}
