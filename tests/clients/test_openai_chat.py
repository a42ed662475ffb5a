"""OpenAI's Python SDK: answers, streamed and whole."""

import asyncio
import json

import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

TEXT = "Grüße, 🌊 \"quoted\" \\ and\n\na data: line"


def ask(text):
    return [{"role": "user", "content": text}]


def streamed(client, text, model="echo", **options):
    """All chunks of a streamed answer."""
    with client.chat.completions.create(
        model=model, messages=ask(text), stream=True, **options
    ) as stream:
        return list(stream)


def content(chunks):
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def finish_reasons(chunks):
    """The reasons that chunks carry."""
    choices = (choice for chunk in chunks for choice in chunk.choices)
    return [choice.finish_reason for choice in choices if choice.finish_reason]


@pytest.mark.parametrize("model", ["echo", "bytewise", "whole", "reasoner", "no-usage", "claude"])
def test_a_streamed_answer_arrives_as_it_was_said(client, model):
    chunks = streamed(client, TEXT, model)
    assert content(chunks) == TEXT
    assert finish_reasons(chunks) == ["stop"]


def test_chunks_have_the_shape_that_openai_documents(client):
    first, *middle, last = streamed(client, "one two three")
    assert first.choices[0].delta.role == "assistant"
    assert first.choices[0].delta.content == ""
    assert [chunk.choices[0].delta.content for chunk in middle] == ["one ", "two ", "three"]
    assert last.choices[0].delta.model_dump(exclude_none=True) == {}
    for chunk in (first, *middle, last):
        assert chunk.object == "chat.completion.chunk"
        assert (chunk.id, chunk.created, chunk.model) == (first.id, first.created, "echo")
        assert chunk.usage is None


@pytest.mark.parametrize("model", ["echo", "bytewise", "whole", "reasoner", "no-usage", "claude"])
def test_a_whole_answer(client, model):
    completion = client.chat.completions.create(model=model, messages=ask(TEXT))
    assert completion.object == "chat.completion"
    assert completion.model == model
    (choice,) = completion.choices
    assert (choice.message.role, choice.message.content) == ("assistant", TEXT)
    assert choice.finish_reason == "stop"


def test_the_offline_model_answers_and_says_what_it_is(client):
    chunks = streamed(client, "How do I connect Tidewire to Bedrock?", "offline")
    assert "offline" in content(chunks).lower()
    assert finish_reasons(chunks) == ["stop"]


def test_usage_comes_where_it_is_asked_for(client):
    chunks = streamed(client, "one two three", stream_options={"include_usage": True})
    *earlier, last = chunks
    assert all(chunk.usage is None and "usage" in chunk.model_fields_set for chunk in earlier)
    assert last.choices == []
    assert last.usage.completion_tokens == 3
    assert last.usage.total_tokens == last.usage.prompt_tokens + 3
    whole = client.chat.completions.create(model="echo", messages=ask("one two three"))
    assert whole.usage == last.usage


def test_usage_counts_cached_tokens_within_the_prompt(client):
    usage = streamed(client, "a b", "claude", stream_options={"include_usage": True})[-1].usage
    assert usage.completion_tokens == 2
    assert usage.prompt_tokens >= usage.prompt_tokens_details.cached_tokens
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_usage_is_there_where_the_provider_tells_none(client):
    last = streamed(client, "hi", "no-usage", stream_options={"include_usage": True})[-1]
    assert (last.choices, last.usage.total_tokens) == ([], 0)


def test_the_stream_helper_puts_the_answer_together(client):
    with client.chat.completions.stream(
        model="echo", messages=ask(TEXT), stream_options={"include_usage": True}
    ) as stream:
        said = "".join(event.delta for event in stream if event.type == "content.delta")
        completion = stream.get_final_completion()
    assert said == TEXT
    assert completion.choices[0].message.content == TEXT
    assert completion.usage.completion_tokens > 0


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_why_an_answer_ends(client, reason):
    text = f"hello [[{reason}]]"
    assert finish_reasons(streamed(client, text)) == [reason]
    whole = client.chat.completions.create(model="echo", messages=ask(text))
    assert whole.choices[0].finish_reason == reason


def test_reasoning_comes_apart_from_the_answer(client):
    chunks = streamed(client, "the answer", "reasoner")
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    thought = "".join(delta.model_extra.get("reasoning_content") or "" for delta in deltas)
    assert thought == "The user wants an answer. I think about it step by step."
    assert content(chunks) == "the answer"
    whole = client.chat.completions.create(model="reasoner", messages=ask("the answer"))
    assert whole.choices[0].message.model_extra["reasoning_content"] == thought


def test_json_mode(client):
    completion = client.chat.completions.create(
        model="offline",
        messages=ask("How do I use Ollama? Answer in JSON."),
        response_format={"type": "json_object"},
    )
    assert json.loads(completion.choices[0].message.content)["answer"]


def test_an_answer_is_parsed_into_a_type(client):
    class City(BaseModel):
        name: str
        people: int

    completion = client.chat.completions.parse(
        model="echo", messages=ask('{"name": "Paris", "people": 3}'), response_format=City
    )
    assert completion.choices[0].message.parsed == City(name="Paris", people=3)


def test_a_schema_reaches_the_model(client, recorder):
    class Reply(BaseModel):
        yes: bool

    streamed_schema = {
        "type": "json_schema",
        "json_schema": {"name": "Reply", "strict": True, "schema": Reply.model_json_schema()},
    }
    streamed(client, "x", "recorder", response_format=streamed_schema)
    assert recorder.request()["response_format"] == streamed_schema


def test_what_clients_ask_for_reaches_the_model(client, recorder):
    messages = [
        {"role": "developer", "content": "be brief"},
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": [{"type": "text", "text": "three"}]},
    ]
    client.chat.completions.create(
        model="recorder", messages=messages, max_completion_tokens=7, temperature=0.5, top_p=0.9,
        stop=["END"], seed=3,
    )
    asked = recorder.request()
    assert [(message["role"], message["content"]) for message in asked["messages"]] == [
        ("system", "be brief"), ("user", "one"), ("assistant", "two"), ("user", "three"),
    ]
    assert 7 in (asked.get("max_tokens"), asked.get("max_completion_tokens"))
    assert (asked["temperature"], asked["top_p"], asked["seed"]) == (0.5, 0.9, 3)
    assert asked["stop"] == ["END"]


def test_what_clients_send_needlessly_does_no_harm(client):
    chunks = streamed(
        client, "hi", frequency_penalty=0, presence_penalty=0, logit_bias={}, logprobs=False, user="u",
        metadata={"a": "b"}, n=1, parallel_tool_calls=True, store=False, service_tier="auto",
        extra_body={"top_k": 40, "something_new": {"a": 1}},
    )
    assert content(chunks) == "hi"


def test_an_image_reaches_the_model_as_it_was_sent(client, recorder):
    url = "data:image/png;base64,iVBORw0KGgo="
    parts = [
        {"type": "text", "text": "what is this?"},
        {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
    ]
    assert content(streamed(client, parts, "recorder")) == "recorded"
    text, image = recorder.request()["messages"][-1]["content"]
    assert (text["text"], image["image_url"]["url"]) == ("what is this?", url)


def test_models_are_listed_and_read(client):
    listed = {model.id: model for model in client.models.list()}
    assert {"echo", "recorder", "claude", "offline"} <= set(listed)
    assert all(model.object == "model" and model.owned_by for model in listed.values())
    assert client.models.retrieve("echo") == listed["echo"]


def test_every_response_names_its_trace(client):
    raw = client.chat.completions.with_raw_response.create(
        model="echo", messages=ask("hi"), extra_headers={"X-Trace-Id": "clients-0001"}
    )
    assert raw.headers["x-trace-id"] == "clients-0001"
    assert raw.parse().choices[0].message.content == "hi"


@pytest.mark.disconnect
def test_closing_a_stream_cancels_the_call_of_the_model(client, recorder):
    stream = client.chat.completions.create(model="recorder", messages=ask("hold"), stream=True)
    assert next(chunk for chunk in stream if content([chunk])).choices[0].delta.content == "held"
    stream.close()
    recorder.departure()


def test_the_asynchronous_client(service):
    async def read(client, text):
        stream = await client.chat.completions.create(model="echo", messages=ask(text), stream=True)
        return content([chunk async for chunk in stream])

    async def everything():
        async with AsyncOpenAI(base_url=service.openai_url, api_key=service.key, max_retries=0) as client:
            texts = [f"{number} is my number" for number in range(20)]
            assert await asyncio.gather(*(read(client, text) for text in texts)) == texts
            whole = await client.chat.completions.create(model="echo", messages=ask("hi"))
            assert whole.choices[0].message.content == "hi"

    asyncio.run(everything())


@pytest.mark.disconnect
def test_leaving_an_asynchronous_stream_cancels_the_call_of_the_model(service, recorder):
    async def leave():
        async with AsyncOpenAI(base_url=service.openai_url, api_key=service.key, max_retries=0) as client:
            stream = await client.chat.completions.create(
                model="recorder", messages=ask("hold"), stream=True
            )
            async with stream:
                async for chunk in stream:
                    if content([chunk]):
                        break
            await asyncio.to_thread(recorder.departure)

    asyncio.run(leave())
