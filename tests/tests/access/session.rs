//! Signing in with the form of the web page.

use serde_json::json;
use tidewire_tests::{Answer, Client, Site, key_of};

async fn sign_in(client: &Client, key: &str) -> Answer {
    client.post("/api/session", &json!({"key": key})).await
}

/// The cookie's attributes, its name and value first.
fn cookie(answer: &Answer) -> Vec<String> {
    let header = answer.header("set-cookie");
    header.split("; ").map(str::to_owned).collect()
}

async fn status_with(client: &Client, cookie: &str) -> u16 {
    let request = client.request("GET", "/api/conversations");
    client.send(request.header("cookie", cookie)).await.status
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_of_other_sites() {
    let site = Site::offline().keys(&["ada"]);
    let client = site.start().await.client();
    let answer = sign_in(&client, &key_of("ada")).await;
    let body = answer.expect(200);
    assert_eq!(body["signed_in"], true);
    assert_eq!(body["principal"]["name"], "ada");
    assert_eq!(answer.header("cache-control"), "no-store");
    let attributes = cookie(&answer);
    for expected in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(attributes.iter().any(|a| a == expected), "{attributes:?}");
    }
    assert!(
        !attributes
            .iter()
            .any(|a| a == "Secure" || a.starts_with("Domain"))
    );
    assert!(!attributes[0].contains(&key_of("ada")));
    let secure = client.request("POST", "/api/session");
    let secure = secure
        .header("x-forwarded-proto", "https")
        .json(&json!({"key": key_of("ada")}));
    let attributes = cookie(&client.send(secure).await);
    assert!(attributes.iter().any(|a| a == "Secure"), "{attributes:?}");
}

#[tokio::test]
async fn the_cookie_opens_for_its_principal_until_signing_out() {
    let site = Site::offline().keys(&["ada", "bob"]);
    let service = site.start().await;
    let client = service.client();
    let hers = service.client_of("ada").conversation().await;
    let answer = sign_in(&client, &format!(" {} ", key_of("ada"))).await;
    answer.expect(200);
    let ada = cookie(&answer)[0].clone();
    let bob = cookie(&sign_in(&client, &key_of("bob")).await)[0].clone();
    let path = format!("/api/conversations/{hers}");
    for (cookie, status) in [(&ada, 200), (&bob, 404)] {
        let request = client.request("GET", &path).header("cookie", cookie);
        assert_eq!(client.send(request).await.status, status);
    }
    let request = client.request("GET", "/api/session").header("cookie", &ada);
    let session = client.send(request).await.expect(200);
    assert_eq!(session["principal"]["name"], "ada");
    let out = client
        .request("DELETE", "/api/session")
        .header("cookie", &ada);
    let out = client.send(out).await;
    assert_eq!(out.status, 204);
    let attributes = cookie(&out);
    assert_eq!(attributes[0], "tidewire_session=");
    for expected in ["Max-Age=0", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(attributes.iter().any(|a| a == expected), "{attributes:?}");
    }
    assert_eq!(status_with(&client, &attributes[0]).await, 401);
}

#[tokio::test]
async fn a_wrong_key_signs_nobody_in() {
    let site = Site::offline().keys(&["ada"]);
    let client = site.start().await.client();
    let hash = tidewire_auth::hash_key(&key_of("ada"));
    for key in ["nonsense", "", "ada", hash.as_str()] {
        let answer = sign_in(&client, key).await;
        answer.expect_problem(401, "unauthenticated");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn a_cookie_that_was_changed_opens_nothing() {
    let site = Site::offline().keys(&["ada", "bob"]);
    let client = site.start().await.client();
    let good = cookie(&sign_in(&client, &key_of("ada")).await)[0].clone();
    assert_eq!(status_with(&client, &good).await, 200);
    let (name, token) = good.split_once('=').unwrap();
    let fields: Vec<&str> = token.split('.').collect();
    let [id, _, expires, seal] = fields.as_slice() else {
        panic!("{token}");
    };
    // "bob" in URL-safe base64.
    for token in [
        format!("{id}.Ym9i.{expires}.{seal}"),
        format!("{id}.{}.9999999999999.{seal}", fields[1]),
        format!("{id}.{}.{expires}.", fields[1]),
        format!("{id}.{}.{expires}", fields[1]),
    ] {
        assert_eq!(status_with(&client, &format!("{name}={token}")).await, 401);
    }
}

#[tokio::test]
async fn a_session_survives_a_restart_and_ends_with_its_key() {
    let site = Site::offline().keys(&["ada", "bob"]);
    let service = site.start().await;
    let cookie = cookie(&sign_in(&service.client(), &key_of("ada")).await)[0].clone();
    service.stop().await;
    let service = site.start().await;
    assert_eq!(status_with(&service.client(), &cookie).await, 200);
    service.stop().await;
    let site = site.keys(&["bob"]);
    let service = site.start().await;
    assert_eq!(status_with(&service.client(), &cookie).await, 401);
}

#[tokio::test]
async fn nobody_signs_in_to_a_local_app_and_its_session_stays() {
    let site = Site::offline();
    let service = site.start().await;
    let client = service.client();
    let first = client.get("/api/session").await;
    let body = first.expect(200);
    assert_eq!(body["auth"], "local");
    assert_eq!(body["signed_in"], true);
    let cookie = cookie(&first)[0].clone();
    let request = client
        .request("GET", "/api/session")
        .header("cookie", cookie);
    let again = client.send(request).await.expect(200);
    assert_eq!(again["session_id"], body["session_id"]);
    assert_eq!(again["instance"], body["instance"]);
}
