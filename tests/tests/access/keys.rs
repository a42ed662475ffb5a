//! A keyed app answers nobody without a key.

use tidewire_tests::{Answer, Client, Site, key_of};

use crate::routes::{Route, documented_routes};

/// What the platform and the sign-in page must reach.
const OPEN: [&str; 3] = ["/healthz", "/readyz", "/api/session"];

fn expect_unauthenticated(route: &Route, answer: &Answer) {
    if route.is_openai() {
        answer.expect_openai_error(401, "authentication_error", "invalid_api_key");
    } else {
        answer.expect_problem(401, "unauthenticated");
    }
    assert!(
        answer.header("www-authenticate").starts_with("Bearer"),
        "{route:?}"
    );
}

#[tokio::test]
async fn without_a_key_every_route_but_the_open_ones_is_closed() {
    let site = Site::offline().keys(&["ada"]);
    let client = site.start().await.client();
    for route in documented_routes(&client).await {
        let path = route.path_of_nothing();
        if OPEN.contains(&route.path.as_str()) {
            continue;
        }
        let answer = client.send(route.request(&client, &path)).await;
        expect_unauthenticated(&route, &answer);
        // Nor does what is wrong with the request come before the question who asks.
        let garbage = client.request(&route.method, &path).body("{");
        let garbage = garbage.header("content-type", "application/json");
        expect_unauthenticated(&route, &client.send(garbage).await);
    }
}

#[tokio::test]
async fn the_open_routes_are_open() {
    let site = Site::offline().keys(&["ada"]);
    let client = site.start().await.client();
    for path in OPEN {
        assert_eq!(client.get(path).await.status, 200, "{path}");
    }
    let session = client.get("/api/session").await;
    let body = session.expect(200);
    assert_eq!(body["auth"], "key");
    assert_eq!(body["signed_in"], false);
    assert!(body["principal"].is_null() && body["session_id"].is_null());
    assert_eq!(session.header("set-cookie"), "");
}

#[tokio::test]
async fn what_is_no_key_of_the_service_opens_nothing() {
    let site = Site::offline().keys(&["ada"]);
    let client = site.start().await.client();
    let key = key_of("ada");
    let hash = tidewire_auth::hash_key(&key);
    let wrong = [
        ("authorization", "Bearer nonsense".to_owned()),
        ("authorization", format!("Bearer {key}x")),
        ("authorization", format!("Bearer {}", &key[..key.len() - 1])),
        ("authorization", format!("Bearer {hash}")),
        ("authorization", format!("Basic {key}")),
        ("authorization", key.clone()),
        ("authorization", "Bearer ".to_owned()),
        ("x-api-key", "nonsense".to_owned()),
        ("x-api-key", "ada".to_owned()),
        ("x-api-key", String::new()),
        ("cookie", format!("tidewire_session={key}")),
        ("cookie", "tidewire_session=".to_owned()),
    ];
    for (name, value) in wrong {
        let request = client.request("GET", "/api/conversations");
        let answer = client.send(request.header(name, &value)).await;
        assert_eq!(answer.status, 401, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_key_opens_as_bearer_token_and_as_x_api_key() {
    let site = Site::offline().keys(&["ada", "bob"]);
    let client: Client = site.start().await.client();
    for name in ["ada", "bob"] {
        let key = key_of(name);
        for (header, value) in [
            ("authorization", format!("Bearer {key}")),
            ("authorization", format!("bearer {key}")),
            ("x-api-key", key.clone()),
        ] {
            for path in ["/api/conversations", "/v1/models"] {
                let request = client.request("GET", path).header(header, &value);
                assert_eq!(client.send(request).await.status, 200, "{header} {path}");
            }
        }
    }
}
