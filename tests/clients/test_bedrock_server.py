"""The scripted Bedrock server speaks ConverseStream as boto3 understands it.

The server writes frames with the library that the AWS SDK for Rust reads them with; a reader of
another make shows that both follow the format. Needs the server's binary:

    cargo build -p tidewire-test-bedrock
    pytest tests/clients/test_bedrock_server.py

BEDROCK_SERVER names the binary where it is not under target/debug.
"""

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("BEDROCK_SERVER", ROOT / "target/debug/bedrock-server"))

USAGE = {
    "inputTokens": 11,
    "outputTokens": 5,
    "totalTokens": 19,
    "cacheReadInputTokens": 3,
    "cacheWriteInputTokens": 0,
}


def event(kind, **payload):
    return {"event": {"kind": kind, "payload": payload}}


def delta(index, **delta):
    return event("contentBlockDelta", contentBlockIndex=index, delta=delta, p="abcdef")


def end(reason):
    return [
        event("messageStop", stopReason=reason),
        event("metadata", usage=USAGE, metrics={"latencyMs": 7}),
    ]


@contextmanager
def serving(*arguments):
    """A client of a server that was started with these arguments."""
    server = subprocess.Popen([BINARY, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield boto3.client(
            "bedrock-runtime",
            region_name="us-east-1",
            endpoint_url=server.stdout.readline().strip(),
            aws_access_key_id="id",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


@pytest.fixture
def scripted(tmp_path):
    """Serves these steps."""

    def serve(*steps):
        path = tmp_path / "script.json"
        path.write_text(json.dumps(steps))
        return serving("--script", path)

    return serve


def converse(client, text="hello"):
    messages = [{"role": "user", "content": [{"text": text}]}]
    return client.converse_stream(modelId="eu.some.model-v1:0", messages=messages)["stream"]


def deltas(events):
    return [e["contentBlockDelta"]["delta"] for e in events if "contentBlockDelta" in e]


def test_text_is_echoed():
    with serving() as client:
        events = list(converse(client, "Grüße, 🌊 and more"))
    assert events[0] == {"messageStart": {"role": "assistant"}}
    assert [d["text"] for d in deltas(events)] == ["Grüße, ", "🌊 ", "and ", "more"]
    assert events[-2]["messageStop"]["stopReason"] == "end_turn"
    assert events[-1]["metadata"]["usage"]["outputTokens"] == 4


def test_tokens_are_counted():
    with serving("--tokens", "1000") as client:
        events = list(converse(client))
    assert [d["text"] for d in deltas(events)] == [f"token{n} " for n in range(1000)]


def test_tool_use(scripted):
    steps = [
        event("messageStart", role="assistant"),
        event(
            "contentBlockStart",
            contentBlockIndex=0,
            start={"toolUse": {"toolUseId": "t1", "name": "search"}},
        ),
        delta(0, toolUse={"input": '{"query":'}),
        {"wait_ms": 1},
        delta(0, toolUse={"input": '"tides"}'}),
        event("contentBlockStop", contentBlockIndex=0),
        *end("tool_use"),
    ]
    with scripted(*steps) as client:
        events = list(converse(client))
    start = events[1]["contentBlockStart"]["start"]["toolUse"]
    assert start == {"toolUseId": "t1", "name": "search"}
    arguments = "".join(d["toolUse"]["input"] for d in deltas(events))
    assert json.loads(arguments) == {"query": "tides"}
    assert events[-2]["messageStop"]["stopReason"] == "tool_use"
    assert events[-1]["metadata"]["usage"] == USAGE


def test_reasoning(scripted):
    steps = [
        event("messageStart", role="assistant"),
        delta(0, reasoningContent={"text": "hm"}),
        delta(0, reasoningContent={"signature": "c2ln"}),
        delta(1, reasoningContent={"redactedContent": "AP8="}),
        *end("end_turn"),
    ]
    with scripted(*steps) as client:
        thoughts = [d["reasoningContent"] for d in deltas(converse(client))]
    assert thoughts == [{"text": "hm"}, {"signature": "c2ln"}, {"redactedContent": b"\x00\xff"}]


def test_an_exception_in_the_stream(scripted):
    exception = {"exception": {"kind": "throttlingException", "message": "Too many tokens"}}
    with scripted(event("messageStart", role="assistant"), delta(0, text="a"), exception) as client:
        read = []
        with pytest.raises(EventStreamError) as raised:
            for each in converse(client):
                read.append(each)
    assert deltas(read) == [{"text": "a"}]
    error = raised.value.response["Error"]
    assert error == {"Code": "throttlingException", "Message": "Too many tokens"}


def test_an_exception_before_the_stream(scripted):
    refusal = {"refuse": {"status": 429, "kind": "ThrottlingException", "message": "Slow down"}}
    with scripted(refusal) as client, pytest.raises(ClientError) as raised:
        converse(client)
    assert raised.value.response["Error"] == {"Code": "ThrottlingException", "Message": "Slow down"}


def test_a_broken_frame_is_noticed(scripted):
    with scripted(delta(0, text="a"), {"broken_frame": True}) as client:
        with pytest.raises(Exception, match="(?i)checksum"):
            list(converse(client))
