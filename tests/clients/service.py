"""The real program and the servers behind its models, as processes of the test's own.

Binaries come from target/debug; TIDEWIRE_BIN, OPENAI_UPSTREAM_BIN and BEDROCK_SERVER name others.

Tests in other languages run this file: it prints one line of JSON, `{"url", "key", "recorder"}`, and
serves until its standard input is closed, so that nothing outlives a test that crashed.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from recorder import Recorder

ROOT = Path(__file__).resolve().parents[2]

# What the scripted OpenAI-compatible server serves; tests/openai-upstream/src/behaviour.rs says how they answer.
UPSTREAM_MODELS = ["echo", "paced", "bytewise", "whole", "reasoner", "no-usage"]


@dataclass(frozen=True)
class Service:
    """A running Tidewire."""

    url: str
    key: str
    recorder: Recorder
    log: Path

    @property
    def openai_url(self):
        """What OpenAI's clients call the base URL."""
        return f"{self.url}/v1"


def binary(variable, name):
    """The path of a binary that cargo built."""
    path = Path(os.environ.get(variable, ROOT / "target/debug" / name))
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: run `cargo build --workspace` or set {variable}")
    return path


def environment(directory, **settings):
    """An environment that holds nothing of the developer's own: no keys, no proxies, no settings."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "NO_COLOR": "1",
        "TIDEWIRE_DATA_DIR": str(directory / "data"),
        **settings,
    }


def make_key(tidewire, directory, name):
    """Makes a key with the program's own command. Returns the key and its SHA-256."""
    made = subprocess.run(
        [tidewire, "key", name],
        env=environment(directory),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    key = re.search(r"^ +(tw_\S+)$", made, re.MULTILINE)
    sha256 = re.search(r'sha256 = "([0-9a-f]{64})"', made)
    return key[1], sha256[1]


@contextmanager
def running(command, log, **options):
    """A process, and the first line of its output in which `http://` stands, from there to its end."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log.open("ab"),
        text=True,
        **options,
    )
    try:
        for line in process.stdout:
            found = re.search(r"http://\S+", line)
            if found:
                yield found[0]
                break
        else:
            raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()}")
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def models(upstream_url, recorder_url):
    """The list for TIDEWIRE_MODELS."""
    compatible = {"provider": "openai_compatible", "capabilities": ["tools"]}
    listed = [{"id": name, "base_url": upstream_url, **compatible} for name in UPSTREAM_MODELS]
    seeing = {**compatible, "capabilities": ["tools", "images"]}
    listed.append({"id": "recorder", "base_url": recorder_url, **seeing})
    listed.append({"id": "claude", "provider": "bedrock", "upstream_id": "some.model-v1:0"})
    return json.dumps(listed)


@contextmanager
def serving():
    """Starts Tidewire with one key and all the models that tests use. Ends everything afterwards."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tidewire-clients-")))
        log = directory / "log"
        plain = {"env": environment(directory), "cwd": directory}
        openai_upstream = binary("OPENAI_UPSTREAM_BIN", "openai-upstream")
        bedrock_server = binary("BEDROCK_SERVER", "bedrock-server")
        upstream_url = stack.enter_context(running([openai_upstream], log, **plain))
        bedrock_url = stack.enter_context(running([bedrock_server], log, **plain))
        recorder = stack.enter_context(Recorder())
        tidewire = binary("TIDEWIRE_BIN", "tidewire")
        key, sha256 = make_key(tidewire, directory, "tester")
        settings = environment(
            directory,
            PORT="0",
            TIDEWIRE_MODELS=models(upstream_url, recorder.base_url),
            TIDEWIRE_KEYS=json.dumps([{"name": "tester", "sha256": sha256}]),
            TIDEWIRE_OFFLINE__TOKENS_PER_SECOND="0",
            TIDEWIRE_BEDROCK__ENDPOINT_URL=bedrock_url,
            TIDEWIRE_BEDROCK__REGION="us-east-1",
            AWS_ACCESS_KEY_ID="id",
            AWS_SECRET_ACCESS_KEY="secret",
        )
        url = stack.enter_context(running([tidewire], log, env=settings, cwd=directory))
        yield Service(url, key, recorder, log)


def main():
    """Serves whoever started this process."""
    with serving() as service:
        told = {"url": service.url, "key": service.key, "recorder": service.recorder.url}
        print(json.dumps(told), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
