"""The real program and the servers behind its models, as processes of the test's own.

FRONT says what stands before the program: `app` or nothing: nothing; `adapter`, `lambda-http`, `path`: as
much of AWS, by `cloud-path`. Binaries come from target/debug; TIDEWIRE_BIN, CLOUD_PATH_BIN,
OPENAI_UPSTREAM_BIN and BEDROCK_SERVER name others.

Tests in other languages run this file: it prints one line of JSON, `{"url", "key", "recorder"}`, and
serves until its standard input is closed, so that nothing outlives a test that crashed. The line `kill`
there is `Service.kill_programs`.
"""

import json
import os
import re
import signal
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

FRONT = os.environ.get("FRONT") or "app"
# More than any test asks for at once: an environment of Lambda works on one request at a time, and
# beyond this many there is 429.
CONCURRENCY = 40


@dataclass(frozen=True)
class Service:
    """A running Tidewire."""

    url: str
    key: str
    recorder: Recorder
    directory: Path
    # The process that was started: the program itself, or the front that starts it.
    pid: int

    @property
    def openai_url(self):
        """What OpenAI's clients call the base URL."""
        return f"{self.url}/v1"

    def logs(self):
        """What it has logged so far, and the environments behind a front."""
        return "".join(log.read_text() for log in [self.directory / "log", *self.directory.glob("*/logs/*.log")])

    def kill_programs(self):
        """Kills the program in every environment behind a front, as running out of memory does. Linux."""
        programs = [pid for pid, name in children(self.pid) if name == "tidewire"]
        assert programs, "no environment runs"
        for pid in programs:
            os.kill(pid, signal.SIGKILL)


def binary(variable, name):
    """The path of a binary that cargo built."""
    path = Path(os.environ.get(variable, ROOT / "target/debug" / name))
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: run `cargo build --workspace` or set {variable}")
    return path


def children(parent):
    """The children of a process, as (id, name)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name stands in parentheses and may hold any character.
            pid, name, rest = re.fullmatch(r"(\d+) \((.*)\) (.*)\n", stat.read_text(), re.DOTALL).groups()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(rest.split()[1]) == parent:
            yield int(pid), name


def environment(directory, **settings):
    """An environment that holds nothing of the developer's own: no keys, no proxies, no settings."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "TMPDIR": str(directory),
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
    """A process, and what it says of its address: the first `http://…` in its output."""
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
                yield process, found[0]
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


def front(tidewire, key):
    """The command that starts the program behind FRONT. It passes TIDEWIRE_… on, and nothing else."""
    cloud_path = binary("CLOUD_PATH_BIN", "cloud-path")
    ports = ["--port", "0", "--function-port", "0"]
    return [cloud_path, "--front", FRONT, "--app", tidewire, "--key", key, "--concurrency", CONCURRENCY, *ports]


@contextmanager
def serving():
    """Starts Tidewire with one key and all the models that tests use. Ends everything afterwards."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tidewire-clients-")))
        log = directory / "log"
        plain = {"env": environment(directory), "cwd": directory}
        openai_upstream = binary("OPENAI_UPSTREAM_BIN", "openai-upstream")
        bedrock_server = binary("BEDROCK_SERVER", "bedrock-server")
        _, upstream_url = stack.enter_context(running([openai_upstream], log, **plain))
        _, bedrock_url = stack.enter_context(running([bedrock_server], log, **plain))
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
        command = [tidewire] if FRONT == "app" else front(tidewire, key)
        process, url = stack.enter_context(running(command, log, env=settings, cwd=directory))
        yield Service(url, key, recorder, directory, process.pid)


def main():
    """Serves whoever started this process."""
    with serving() as service:
        told = {"url": service.url, "key": service.key, "recorder": service.recorder.url}
        print(json.dumps(told), flush=True)
        for line in sys.stdin:
            assert line == "kill\n", line
            service.kill_programs()


if __name__ == "__main__":
    main()
