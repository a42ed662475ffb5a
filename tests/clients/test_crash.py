"""OpenAI's Python SDK and litellm: the program dies in the middle of an answer.

Without an adapter the connection breaks. The Lambda Web Adapter ends the answer as if it were whole, after
two lines about the error, which are no part of the dialect.
"""

import litellm
import pytest
from openai import OpenAI
from service import serving

pytestmark = pytest.mark.only_on("adapter")
QUESTION = {"model": "paced", "messages": [{"role": "user", "content": "tokens=1000 gap_ms=20"}]}


@pytest.fixture
def service():
    """A service of the test's own, which it kills."""
    with serving() as service:
        yield service


@pytest.fixture
def client(service):
    with OpenAI(base_url=service.openai_url, api_key=service.key, max_retries=0) as client:
        yield client


def test_the_stream_ends_without_an_error_and_without_a_finish_reason(client, service):
    said, finish_reasons = "", []
    for chunk in client.chat.completions.create(stream=True, **QUESTION):
        (choice,) = chunk.choices
        if choice.delta.content and not said:
            service.kill_programs()
        said += choice.delta.content or ""
        finish_reasons.append(choice.finish_reason)
    assert said.startswith("token0 ") and "token999 " not in said
    assert "Lambda" not in said
    assert set(finish_reasons) == {None}


def test_the_body_holds_the_adapters_lines_and_no_done(client, service):
    create = client.chat.completions.with_streaming_response.create
    with create(stream=True, **QUESTION) as response:
        lines = []
        for line in response.iter_lines():
            if line and not lines:
                service.kill_programs()
            lines.append(line)
    assert [line.partition(":")[0] for line in lines[-2:]] == [
        "Lambda-Runtime-Function-Error-Type",
        "Lambda-Runtime-Function-Error-Body",
    ]
    assert "data: [DONE]" not in lines


def test_the_stream_helper_gives_half_an_answer_without_a_finish_reason(client, service):
    said = ""
    with client.chat.completions.stream(**QUESTION) as stream:
        for event in stream:
            if event.type == "content.delta" and event.delta:
                if not said:
                    service.kill_programs()
                said += event.delta
        (choice,) = stream.get_final_completion().choices
    assert choice.message.content == said
    assert "token999 " not in said
    assert choice.finish_reason is None


def test_litellm_invents_a_finish_reason(service):
    stream = litellm.completion(
        **{**QUESTION, "model": "openai/paced"}, stream=True, api_base=service.openai_url,
        api_key=service.key, num_retries=0,
    )
    chunks = [next(stream)]
    service.kill_programs()
    chunks += stream
    (choice,) = litellm.stream_chunk_builder(chunks).choices
    assert choice.message.content.startswith("token0 ")
    assert "token999 " not in choice.message.content
    assert choice.finish_reason == "stop"
