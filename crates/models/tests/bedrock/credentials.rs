//! A machine on which nothing is set up.

use std::{env, process::Command, sync::Arc};

use tidewire_aws::{Aws, AwsSettings};
use tidewire_domain::{ChatModel, ModelError};
use tidewire_models::bedrock::Bedrock;

use super::asking;

/// Runs one of the tests below, in which nothing of this machine's environment is left.
fn run_alone(test: &str) {
    let outcome = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", test])
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&outcome.stdout);
    assert!(
        outcome.status.success() && output.contains("1 passed"),
        "{output}{}",
        String::from_utf8_lossy(&outcome.stderr)
    );
}

async fn error_of(settings: AwsSettings) -> ModelError {
    let model = Bedrock::new(Arc::new(Aws::new(settings)), "m");
    model.stream(asking("x")).await.err().unwrap()
}

#[test]
fn without_credentials_the_way_out_is_said() {
    run_alone("credentials::no_credentials");
}

#[test]
fn without_a_region_the_way_out_is_said() {
    run_alone("credentials::no_region");
}

#[tokio::test]
#[ignore = "run by without_credentials_the_way_out_is_said"]
async fn no_credentials() {
    let error = error_of(AwsSettings {
        region: Some("eu-west-1".into()),
        endpoint_url: Some("http://127.0.0.1:1".into()),
        ..AwsSettings::default()
    })
    .await;
    assert!(
        matches!(&error, ModelError::AccessDenied(text) if text.contains("AWS_PROFILE")),
        "{error:?}"
    );
}

#[tokio::test]
#[ignore = "run by without_a_region_the_way_out_is_said"]
async fn no_region() {
    let error = error_of(AwsSettings::default()).await;
    assert!(
        matches!(&error, ModelError::Rejected(text) if text.contains("AWS_REGION")),
        "{error:?}"
    );
}
