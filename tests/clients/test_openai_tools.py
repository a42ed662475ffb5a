"""OpenAI's Python SDK: tools that the client runs."""

import json

import pytest

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "lookup",
            "description": "Looks something up",
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": {"input": {"type": "string"}},
                "required": ["input"],
                "additionalProperties": False,
            },
        },
    }
]
QUESTION = "use tool with ünïcödé"


def streamed_message(client, messages, model="echo", **options):
    """The message that a stream's chunks come to, put together as agents do it, and its finish reason."""
    message = {"role": "assistant", "content": "", "tool_calls": []}
    finish_reason = None
    for chunk in client.chat.completions.create(
        model=model, messages=messages, stream=True, **options
    ):
        (choice,) = chunk.choices
        message["content"] += choice.delta.content or ""
        finish_reason = choice.finish_reason or finish_reason
        for piece in choice.delta.tool_calls or []:
            if piece.index == len(message["tool_calls"]):
                function = {"name": piece.function.name, "arguments": ""}
                message["tool_calls"].append(
                    {"id": piece.id, "type": piece.type, "function": function}
                )
            message["tool_calls"][piece.index]["function"]["arguments"] += piece.function.arguments
    return message, finish_reason


def whole_message(client, messages, model="echo", **options):
    """The same of an answer that comes whole."""
    completion = client.chat.completions.create(model=model, messages=messages, **options)
    (choice,) = completion.choices
    message = choice.message.model_dump(exclude_none=True)
    return {"content": "", "tool_calls": [], **message}, choice.finish_reason


@pytest.mark.parametrize("answer", [streamed_message, whole_message])
def test_a_round_with_a_tool(client, answer):
    messages = [{"role": "user", "content": QUESTION}]
    message, finish_reason = answer(client, messages, tools=TOOLS)
    assert finish_reason == "tool_calls"
    assert message["content"] == ""
    (call,) = message["tool_calls"]
    assert call["type"] == "function"
    assert call["function"]["name"] == "lookup"
    assert json.loads(call["function"]["arguments"]) == {"input": QUESTION}

    messages += [message, {"role": "tool", "tool_call_id": call["id"], "content": "42 möwen"}]
    message, finish_reason = answer(client, messages, tools=TOOLS)
    assert (message["content"], message["tool_calls"]) == ("The tool said: 42 möwen", [])
    assert finish_reason == "stop"


@pytest.mark.parametrize("answer", [streamed_message, whole_message])
def test_two_calls_at_once_are_kept_apart(client, answer):
    messages = [{"role": "user", "content": "call twice"}]
    message, finish_reason = answer(client, messages, model="recorder", tools=TOOLS)
    calls = [
        (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
        for call in message["tool_calls"]
    ]
    assert calls == [("call_first", "first", {"number": 1}), ("call_second", "second", {"number": 2})]
    assert finish_reason == "tool_calls"


def test_the_stream_helper_parses_arguments(client):
    with client.chat.completions.stream(
        model="echo", messages=[{"role": "user", "content": QUESTION}], tools=TOOLS
    ) as stream:
        done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]
    assert [(event.name, event.parsed_arguments) for event in done] == [("lookup", {"input": QUESTION})]


def test_two_calls_at_once_go_back_to_the_model_with_their_results(client, recorder):
    calls = [
        {"id": f"call_{n}", "type": "function", "function": {"name": "lookup", "arguments": '{"input":"%d"}' % n}}
        for n in (1, 2)
    ]
    results = [{"role": "tool", "tool_call_id": call["id"], "content": f"r-{call['id']}"} for call in calls]
    client.chat.completions.create(
        model="recorder",
        messages=[{"role": "user", "content": "go"}, {"role": "assistant", "tool_calls": calls}, *results],
        tools=TOOLS,
        tool_choice="required",
    )
    asked = recorder.request()
    _, assistant, *told = asked["messages"]
    assert [call["id"] for call in assistant["tool_calls"]] == ["call_1", "call_2"]
    assert [json.loads(call["function"]["arguments"]) for call in assistant["tool_calls"]] == [
        {"input": "1"}, {"input": "2"},
    ]
    assert [(result["tool_call_id"], result["content"]) for result in told] == [
        ("call_1", "r-call_1"), ("call_2", "r-call_2"),
    ]
    assert asked["tool_choice"] == "required"
    (tool,) = asked["tools"]
    assert tool["function"]["parameters"] == TOOLS[0]["function"]["parameters"]


@pytest.mark.parametrize("choice", ["auto", "none", {"type": "function", "function": {"name": "lookup"}}])
def test_the_choice_of_tools_reaches_the_model(client, recorder, choice):
    client.chat.completions.create(
        model="recorder", messages=[{"role": "user", "content": "hi"}], tools=TOOLS, tool_choice=choice
    )
    assert recorder.request().get("tool_choice", "auto") == choice


def test_the_services_own_tools_are_not_offered(client, recorder):
    client.chat.completions.create(
        model="recorder", messages=[{"role": "user", "content": "What time is it?"}]
    )
    assert "tools" not in recorder.request()
