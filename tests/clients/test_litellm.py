"""litellm, through which many agents and gateways speak."""

import asyncio
import json

import litellm
import pytest
from test_openai_tools import TOOLS


@pytest.fixture
def options(service):
    return {"api_base": service.openai_url, "api_key": service.key, "num_retries": 0}


def ask(text):
    return [{"role": "user", "content": text}]


def test_a_streamed_answer_with_usage(options):
    chunks = list(
        litellm.completion(
            model="openai/echo", messages=ask("one two three"), stream=True,
            stream_options={"include_usage": True}, **options,
        )
    )
    whole = litellm.stream_chunk_builder(chunks)
    assert whole.choices[0].message.content == "one two three"
    assert whole.choices[0].finish_reason == "stop"
    assert whole.usage.completion_tokens == 3


def test_a_whole_answer(options):
    answer = litellm.completion(model="openai/echo", messages=ask("one two"), **options)
    assert answer.choices[0].message.content == "one two"
    assert answer.usage.completion_tokens == 2


def test_reasoning(options):
    answer = litellm.completion(model="openai/reasoner", messages=ask("hi"), **options)
    assert answer.choices[0].message.reasoning_content.startswith("The user wants")
    assert answer.choices[0].message.content == "hi"


def test_a_round_with_a_tool_that_is_streamed(options):
    messages = ask("use tool")

    def step():
        chunks = litellm.completion(
            model="openai/echo", messages=messages, tools=TOOLS, stream=True, **options
        )
        return litellm.stream_chunk_builder(list(chunks)).choices[0]

    choice = step()
    assert choice.finish_reason == "tool_calls"
    (call,) = choice.message.tool_calls
    assert json.loads(call.function.arguments) == {"input": "use tool"}
    messages += [
        choice.message.model_dump(),
        {"role": "tool", "tool_call_id": call.id, "content": "42"},
    ]
    assert step().message.content == "The tool said: 42"


def test_the_asynchronous_function(options):
    async def read():
        stream = await litellm.acompletion(
            model="openai/echo", messages=ask("one two"), stream=True, **options
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert asyncio.run(read()) == "one two"


def test_errors_are_litellms_own(options):
    with pytest.raises(litellm.AuthenticationError):
        litellm.completion(model="openai/echo", messages=ask("hi"), **{**options, "api_key": "no"})
    with pytest.raises(litellm.NotFoundError):
        litellm.completion(model="openai/nope", messages=ask("hi"), **options)
    with pytest.raises(litellm.BadRequestError):
        litellm.completion(model="openai/echo", messages=ask("hi"), n=2, **options)
