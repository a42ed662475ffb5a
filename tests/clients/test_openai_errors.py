"""OpenAI's Python SDK: what goes wrong arrives as the exception that its users catch."""

import openai
import pytest
from openai import OpenAI


def ask(client, text="hi", model="echo", **options):
    messages = [{"role": "user", "content": text}]
    return client.chat.completions.create(model=model, messages=messages, **options)


def with_key(service, key):
    return OpenAI(base_url=service.openai_url, api_key=key, max_retries=0)


@pytest.mark.parametrize("stream", [False, True])
def test_a_wrong_key(service, stream):
    with with_key(service, "tw_wrong") as client, pytest.raises(openai.AuthenticationError) as raised:
        ask(client, stream=stream)
    assert raised.value.code == "invalid_api_key"
    assert raised.value.type == "authentication_error"
    assert "tw_wrong" not in str(raised.value)


def test_a_wrong_key_lists_no_models(service):
    with with_key(service, "tw_wrong") as client, pytest.raises(openai.AuthenticationError):
        client.models.list()


@pytest.mark.parametrize("stream", [False, True])
def test_an_unknown_model(client, stream):
    with pytest.raises(openai.NotFoundError) as raised:
        ask(client, model="nope", stream=stream)
    assert raised.value.code == "model_not_found"
    assert raised.value.type == "invalid_request_error"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nope")


IMAGE_BY_URL = [{"type": "image_url", "image_url": {"url": "http://127.0.0.1/cat.png"}}]
IMAGE = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]


@pytest.mark.parametrize(
    ("request_fields", "said"),
    [
        ({"n": 2}, "n must be 1"),
        ({"text": IMAGE_BY_URL, "model": "recorder"}, "data URL"),
        ({"text": IMAGE}, "image"),
        ({"tools": [{"type": "web_search"}]}, "web_search"),
        ({"response_format": {"type": "xml"}}, "xml"),
        ({"extra_body": {"messages": []}}, ""),
        ({"extra_body": {"messages": "hi"}}, ""),
        ({"extra_body": {"messages": [{"role": "tool", "content": "x"}]}}, "tool_call_id"),
        ({"extra_body": {"temperature": "warm"}}, ""),
    ],
)
def test_a_request_that_cannot_be_honoured(client, request_fields, said):
    with pytest.raises(openai.BadRequestError) as raised:
        ask(client, **request_fields)
    assert raised.value.type == "invalid_request_error"
    assert said in raised.value.message


def test_what_is_not_there_is_not_found(client):
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="echo", input="hi")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, openai.BadRequestError),
        (401, openai.InternalServerError),
        (404, openai.InternalServerError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
def test_a_provider_that_refuses(client, status, expected, stream):
    with pytest.raises(expected) as raised:
        ask(client, f"[[error {status}]]", stream=stream)
    assert raised.value.code.startswith("model_")


def test_a_provider_that_throttles(client):
    with pytest.raises(openai.RateLimitError) as raised:
        ask(client, "[[error 429]]")
    assert raised.value.code == "rate_limit_exceeded"


@pytest.mark.parametrize("accident", ["cut", "garbage", "stream error"])
def test_an_answer_that_breaks_off_raises_after_what_came(client, accident):
    said = ""
    with pytest.raises(openai.APIError) as raised:
        for chunk in ask(client, f"one two three four [[{accident}]]", stream=True):
            said += chunk.choices[0].delta.content or ""
    assert said.startswith("one ")
    assert raised.value.code.startswith("model_")


@pytest.mark.parametrize("accident", ["cut", "garbage", "stream error"])
def test_half_an_answer_is_never_given_for_a_whole_one(client, accident):
    with pytest.raises(openai.InternalServerError) as raised:
        ask(client, f"one two three four [[{accident}]]")
    assert raised.value.code == "model_failed"
