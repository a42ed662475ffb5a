//! What all errors have in common.

use serde_json::json;
use tidewire_tests::Site;

#[tokio::test]
async fn a_problem_has_the_fields_of_rfc_9457_a_code_and_a_trace_id_and_no_more() {
    let site = Site::offline();
    let service = site.start().await;
    let answer = service.client().get("/api/conversations/nonsense").await;
    let problem = answer.expect_problem(404, "not_found");
    let mut fields: Vec<&str> = problem
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    fields.sort_unstable();
    let expected = ["code", "detail", "status", "title", "trace_id", "type"];
    assert_eq!(fields, expected);
    assert_eq!(problem["title"], "Not Found");
}

#[tokio::test]
async fn a_trace_id_that_the_client_sends_is_kept_if_it_is_well_formed() {
    let site = Site::offline();
    let client = site.start().await.client();
    let send = |id: &'static str| {
        let request = client.request("GET", "/api/conversations/x");
        client.send(request.header("x-trace-id", id))
    };
    let answer = send("Root=1-67891233-abcdef").await;
    assert_ne!(
        answer.header("x-trace-id"),
        "Root=1-67891233-abcdef",
        "'=' is not taken"
    );
    let answer = send("my-trace.0123456789").await;
    let problem = answer.expect_problem(404, "not_found");
    assert_eq!(problem["trace_id"], "my-trace.0123456789");
    for bad in ["short", "with a space in it", "quote\"quote\"quote"] {
        let answer = send(bad).await;
        answer.expect_problem(404, "not_found");
        assert_ne!(answer.header("x-trace-id"), bad);
    }
}

#[tokio::test]
async fn what_is_not_there_says_so_in_the_dialect_of_its_path() {
    let site = Site::offline();
    let client = site.start().await.client();
    for path in ["/api/nonsense", "/nonsense", "/api/", "/api/conversations/"] {
        let answer = client.get(path).await;
        answer.expect_problem(404, "no_such_route");
    }
    let answer = client.get("/v1/nonsense").await;
    answer.expect_openai_error(404, "invalid_request_error", "no_such_route");
    let answer = client.post("/healthz", &json!({})).await;
    answer.expect_problem(405, "method_not_allowed");
    let answer = client.get("/v1/chat/completions").await;
    answer.expect_openai_error(405, "invalid_request_error", "method_not_allowed");
}
