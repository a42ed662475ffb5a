"""The native API as a script without any library meets it."""

from native_client import NativeClient, read_events, text_of


def test_a_conversation(native):
    conversation = native.conversation(model="echo", title="Talk")
    with native.turn(conversation, "one two three") as response:
        turn = response.headers["X-Turn-Id"]
        events = list(read_events(response))
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    assert events[0][1:] == ("turn_started", {**events[0][2], "turn_id": turn, "model": "echo"})
    assert text_of(events) == "one two three"
    assert events[-1][1:] == ("turn_finished", {"finish_reason": "stop"})
    assert any(kind == "usage" and data["output_tokens"] == 3 for _, kind, data in events)

    status, page = native.call("GET", f"/api/conversations/{conversation}/messages")
    answer, question = page["items"]
    assert status == 200
    assert (question["role"], question["parts"]) == ("user", [{"type": "text", "text": "one two three"}])
    assert (answer["role"], answer["finish_reason"]) == ("assistant", "stop")
    assert answer["parent_id"] == question["id"]


def test_the_offline_model_quotes_with_citations(native):
    conversation = native.conversation(model="offline")
    with native.turn(conversation, "How do I connect Tidewire to Bedrock?") as response:
        events = list(read_events(response))
    assert text_of(events)
    assert any(kind == "citation" and data["title"] for _, kind, data in events)
    assert events[-1][1:] == ("turn_finished", {"finish_reason": "stop"})


def test_a_reader_that_comes_back_misses_nothing(native):
    conversation = native.conversation(model="paced")
    with native.turn(conversation, "tokens=20 gap_ms=1") as response:
        turn = response.headers["X-Turn-Id"]
        seen = []
        for event in read_events(response):
            seen.append(event)
            if len(seen) == 5:
                break
    with native.events(turn, Last_Event_ID="5") as response:
        seen += read_events(response)
    assert [number for number, _, _ in seen] == list(range(1, len(seen) + 1))
    assert text_of(seen) == "".join(f"token{number} " for number in range(20))
    assert seen[-1][1] == "turn_finished"
    with native.events(turn) as response:
        assert list(read_events(response)) == seen


def test_stop_cancels_a_silent_model_and_keeps_what_came(native, recorder):
    conversation = native.conversation(model="recorder")
    with native.turn(conversation, "hold") as response:
        turn = response.headers["X-Turn-Id"]
        events = []
        for event in read_events(response):
            events.append(event)
            if event[1] == "text_delta":
                assert native.call("POST", f"/api/turns/{turn}/stop") == (202, None)
    assert text_of(events) == "held"
    assert events[-1][1:] == ("turn_finished", {"finish_reason": "stopped"})
    recorder.departure()
    assert native.call("POST", f"/api/turns/{turn}/stop") == (202, None)


def test_a_retry_joins_the_turn_that_it_started(native):
    conversation = native.conversation(model="echo")
    streams = []
    for _ in range(2):
        with native.turn(conversation, "only once", Idempotency_Key="retry-1") as response:
            streams.append((response.headers["X-Turn-Id"], list(read_events(response))))
    assert streams[0] == streams[1]
    _, page = native.call("GET", f"/api/conversations/{conversation}/messages")
    assert len(page["items"]) == 2


def test_problems_have_a_code_and_a_trace(native, service):
    stranger = NativeClient(service.url, "tw_wrong")
    for client, method, path, body, status, code in [
        (stranger, "GET", "/api/conversations", None, 401, "unauthenticated"),
        (native, "GET", "/api/conversations/nope", None, 404, "not_found"),
        (native, "POST", "/api/conversations", {"titel": "x"}, 422, "invalid_request"),
        (native, "POST", "/api/conversations", {"model": "nope"}, 422, "unknown_model"),
        (native, "PUT", "/api/conversations", {}, 405, "method_not_allowed"),
    ]:
        with client.request(method, path, body) as response:
            assert response.headers["Content-Type"] == "application/problem+json"
            trace = response.headers["X-Trace-Id"]
        got_status, problem = client.call(method, path, body, X_Trace_Id=trace)
        assert (got_status, problem["status"], problem["code"]) == (status, status, code)
        assert problem["trace_id"] == trace
