//! Which package may know which.

use crate::project::{Package, packages};

/// What a package of ours may depend on, of ours. Whoever adds a package says it here.
fn allowed(package: &Package) -> Vec<&'static str> {
    match package.name.as_str() {
        "tidewire-domain" | "tidewire-aws" | "tidewire-sandbox" => vec![],
        "edge-signer" => vec!["tidewire-aws"],
        "tidewire-chat" | "tidewire-telemetry" => vec!["tidewire-domain"],
        "tidewire-auth" | "tidewire-blobs" | "tidewire-knowledge" | "tidewire-models"
        | "tidewire-queue" | "tidewire-sources" | "tidewire-store" => {
            vec!["tidewire-domain", "tidewire-aws"]
        }
        "tidewire" | "tidewire-worker" => vec!["crates/"],
        name => panic!(
            "{name} in {} is new: say here what it may know",
            package.dir
        ),
    }
}

/// The packages that ship; tests may know everything.
fn shipped() -> Vec<Package> {
    let mut packages = packages();
    packages.retain(|package| package.dir != "tests" && !package.dir.starts_with("tests/"));
    assert!(packages.iter().any(|package| package.name == "tidewire"));
    packages
}

/// Asserts that nobody but `friends` depends on what `is_it` names.
fn expect_only(friends: &[&str], is_it: impl Fn(&str) -> bool) {
    for package in shipped() {
        if friends.contains(&package.name.as_str()) {
            continue;
        }
        let strangers: Vec<&String> = package.dependencies.iter().filter(|d| is_it(d)).collect();
        assert!(strangers.is_empty(), "{} knows {strangers:?}", package.name);
    }
}

#[test]
fn packages_of_ours_know_only_whom_they_may() {
    let all = packages();
    for package in shipped() {
        let allowed = allowed(&package);
        for name in &package.dependencies {
            let Some(ours) = all.iter().find(|other| other.name == *name) else {
                continue;
            };
            let may = allowed
                .iter()
                .any(|may| *may == ours.name || may.ends_with('/') && ours.dir.starts_with(may));
            assert!(may, "{} must not know {name}", package.name);
        }
    }
}

/// Otherwise a mistake that both make would pass for a valid signature.
#[test]
fn the_verifier_of_signatures_shares_nothing_with_what_signs() {
    let may_know = [
        "hex",
        "hmac",
        "http",
        "serde_json",
        "sha2",
        "subtle",
        "thiserror",
    ];
    let packages = packages();
    let verifier = packages.iter().find(|p| p.name == "sigv4-verifier");
    for name in &verifier.expect("there is a verifier").dependencies {
        assert!(may_know.contains(&name.as_str()), "it knows {name}");
    }
    expect_only(&[], |name| name == "sigv4-verifier");
}

#[test]
fn http_is_served_by_the_app_alone() {
    let axum = |name: &str| name == "axum" || name.starts_with("axum-") || name == "utoipa-axum";
    expect_only(&["tidewire", "tidewire-sandbox"], axum);
}

#[test]
fn aws_is_known_to_its_adapters_alone() {
    let sdk = |name: &str| name.starts_with("aws-");
    let friends = [
        "tidewire-aws",
        "tidewire-models",
        "tidewire-queue",
        "tidewire-store",
        "edge-signer",
    ];
    expect_only(&friends, sdk);
    let of_aws = shipped();
    let aws = of_aws.iter().find(|package| package.name == "tidewire-aws");
    let services: Vec<&String> = aws
        .into_iter()
        .flat_map(|package| &package.dependencies)
        .filter(|name| name.starts_with("aws-sdk-"))
        .collect();
    assert!(
        services.is_empty(),
        "credentials alone are for all: {services:?}"
    );
}

#[test]
fn sqlite_is_known_to_what_keeps_something_in_it_alone() {
    let sqlite = |name: &str| name.contains("rusqlite") || name.contains("libsqlite3");
    expect_only(
        &[
            "tidewire-store",
            "tidewire-queue",
            "tidewire-models",
            "tidewire-knowledge",
        ],
        sqlite,
    );
}

#[test]
fn the_domain_is_pure() {
    let impure = [
        "axum", "hyper", "reqwest", "rusqlite", "tokio", "tower", "tracing",
    ];
    let packages = packages();
    let domain = packages.iter().find(|p| p.name == "tidewire-domain");
    for name in &domain.expect("there is a domain").dependencies {
        assert!(!impure.contains(&name.as_str()), "the domain knows {name}");
        assert!(!name.starts_with("aws-"), "the domain knows {name}");
    }
}
