//! Pages of other sites, and names that were rebound to this machine.

use tidewire_tests::{Answer, Client, Site, raw_exchange};

use crate::routes::{Route, documented_routes};

/// All documented routes, and those that people's browsers call.
async fn all_routes(client: &Client) -> Vec<Route> {
    let mut routes = documented_routes(client).await;
    for path in [
        "/",
        "/c/{id}",
        "/assets/{id}.js",
        "/api/openapi.json",
        "/nonsense",
        "/v1/nonsense",
    ] {
        routes.push(Route {
            method: "GET".into(),
            path: path.into(),
        });
    }
    routes
}

fn expect_forbidden(route: &Route, answer: &Answer, code: &str) {
    if route.is_openai() {
        answer.expect_openai_error(403, "permission_error", code);
    } else {
        answer.expect_problem(403, code);
    }
}

#[tokio::test]
async fn a_local_app_refuses_foreign_hosts_and_origins_on_every_route() {
    let site = Site::offline();
    let client = site.start().await.client();
    for route in all_routes(&client).await {
        let path = route.path_of_nothing();
        for host in [
            "evil.example",
            "localhost.evil.example",
            "192.168.1.10",
            "0.0.0.0",
        ] {
            let request = route.request(&client, &path).header("host", host);
            expect_forbidden(&route, &client.send(request).await, "foreign_host");
        }
        for origin in [
            "http://evil.example",
            "null",
            "https://localhost",
            "http://127.0.0.1:1",
        ] {
            let request = route.request(&client, &path).header("origin", origin);
            expect_forbidden(&route, &client.send(request).await, "foreign_origin");
        }
    }
    let list = client.get("/api/conversations").await.expect(200);
    assert_eq!(
        list["items"].as_array().unwrap().len(),
        0,
        "nothing was made"
    );
}

#[tokio::test]
async fn a_local_app_answers_to_loopback_names_and_its_own_pages() {
    let site = Site::offline();
    let service = site.start().await;
    let client = service.client();
    let port = service.address().rsplit_once(':').unwrap().1;
    for name in ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"] {
        let host = format!("{name}:{port}");
        let origin = format!("http://{host}");
        let request = client.request("GET", "/api/conversations");
        let request = request.header("host", host).header("origin", origin);
        assert_eq!(client.send(request).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn a_keyed_app_answers_to_its_names_alone_where_they_are_listed() {
    let site = Site::offline()
        .keys(&["ada"])
        .set("server.hosts", "chat.example,url.on.aws")
        .set("server.origins", "https://other.example");
    let client = site.start().await.client_of("ada");
    let send = |host: &'static str, origin: Option<&'static str>| {
        let request = client
            .request("GET", "/api/conversations")
            .header("host", host);
        let request = match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        };
        client.send(request)
    };
    for host in ["chat.example", "url.on.aws"] {
        assert_eq!(send(host, None).await.status, 200);
    }
    assert_eq!(
        send("chat.example", Some("https://chat.example"))
            .await
            .status,
        200
    );
    assert_eq!(
        send("chat.example", Some("https://other.example"))
            .await
            .status,
        200
    );
    let foreign = send("evil.example", None).await;
    foreign.expect_problem(403, "foreign_host");
    let foreign = send("chat.example", Some("https://evil.example")).await;
    foreign.expect_problem(403, "foreign_origin");
}

#[tokio::test]
async fn a_request_without_one_host_is_refused() {
    let site = Site::offline();
    let service = site.start().await;
    for hosts in [
        "",
        "host: localhost\r\nhost: evil.example\r\n",
        "host: user@localhost\r\n",
    ] {
        let request =
            format!("GET /api/conversations HTTP/1.1\r\n{hosts}connection: close\r\n\r\n");
        let answer = raw_exchange(service.address(), request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{hosts}: {answer}");
    }
    service.client().expect_healthy().await;
}

#[tokio::test]
async fn every_answer_has_a_name_and_is_taken_for_nothing_but_what_it_says() {
    let site = Site::offline();
    let client = site.start().await.client();
    for route in all_routes(&client).await {
        let path = route.path_of_nothing();
        let answer = client.send(route.request(&client, &path)).await;
        assert_eq!(
            answer.header("x-content-type-options"),
            "nosniff",
            "{route:?}"
        );
        let trace_id = answer.header("x-trace-id");
        assert!(trace_id.len() >= 8, "{route:?}: {trace_id}");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "",
            "{route:?}"
        );
    }
}

#[tokio::test]
async fn pages_hold_the_browser_back() {
    let site = Site::offline();
    let client = site.start().await.client();
    for path in ["/", "/c/01a1f8b9-b8d8-7401-b071-b725e20d51b5"] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.header("content-type").starts_with("text/html"),
            "{path}"
        );
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe-"), "{path}: {policy}");
        assert!(!policy.contains("http"), "no other site: {policy}");
        assert_ne!(
            answer.header("cache-control"),
            "",
            "a new release must be noticed"
        );
    }
}
