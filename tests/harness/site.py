"""A data directory with the servers on it, and the scripted model behind them, as processes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import signal
import subprocess
from pathlib import Path

from harness.http_client import Client

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
MODELS = ("echo", "paced")


def binary(variable: str, name: str) -> Path:
    """The path of a binary that cargo built."""
    path = Path(os.environ.get(variable) or ROOT / "target/debug" / name).absolute()
    if not path.is_file():
        raise SystemExit(f"{path} is missing: run `cargo build --workspace` or set {variable}")
    return path


class Process:
    """A process of ours: signalled by its own pid alone, and only until it was reaped."""

    def __init__(self, path: Path, directory: Path, **settings: str):
        """Starts it, with nothing of the developer's own in its environment."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "NO_COLOR": "1", **settings}
        with (directory / "log").open("ab") as log:
            # asyncio's own processes can be reaped behind its back when they are signalled.
            self._process = subprocess.Popen(
                [str(path)],
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.address = ""

    @property
    def pid(self) -> int:
        return self._process.pid

    async def listening(self) -> bool:
        """Waits until it says where it listens. False if it ended instead."""
        read = asyncio.get_running_loop().run_in_executor
        while True:
            line = await asyncio.wait_for(read(None, self._process.stdout.readline), START_SECONDS)
            if not line:
                return False
            found = re.search(rb"http://([\d.]+:\d+)", line)
            if found:
                self.address = found[1].decode()
                return True

    def signal(self, number: int) -> None:
        """Sends a signal, unless it has ended."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Sends SIGKILL."""
        self.signal(signal.SIGKILL)

    async def ended(self) -> int:
        """Waits for its end. The exit code, or the negative number of the signal."""
        code = await asyncio.get_running_loop().run_in_executor(None, self._process.wait)
        self._process.stdout.close()
        return code

    async def remove(self) -> None:
        """Kills it if it still runs."""
        self.kill()
        await self.ended()


class Site:
    """A directory with data, settings and a log, and the servers that run on it."""

    def __init__(self, directory: Path, upstream: Process, **settings: str):
        directory.mkdir()
        compatible = {"provider": "openai_compatible", "capabilities": ["tools"]}
        base_url = f"http://{upstream.address}/v1"
        models = [{"id": name, "base_url": base_url, **compatible} for name in MODELS]
        self.directory = directory
        self.database = directory / "data" / "tidewire.db"
        self.log = directory / "log"
        self.settings = {
            "TIDEWIRE_DATA_DIR": str(directory / "data"),
            "TIDEWIRE_MODELS": json.dumps(models),
            "TIDEWIRE_OFFLINE__TOKENS_PER_SECOND": "0",
            "PORT": "0",
            **settings,
        }
        self._servers: list[Process] = []

    def spawn(self, **settings: str) -> Process:
        """Starts a server and does not wait for anything."""
        path = binary("TIDEWIRE_BIN", "tidewire")
        server = Process(path, self.directory, **{**self.settings, **settings})
        self._servers.append(server)
        return server

    async def start(self, **settings: str) -> Process:
        """A server that is ready. Raises AssertionError where it does not become so."""
        server = self.spawn(**settings)
        if not await server.listening():
            raise AssertionError(f"the server does not start: {self.log.read_text()[-500:]}")
        status, _ = await Client(server.address).call("GET", "/readyz")
        if status != 200:
            raise AssertionError(f"the server is not ready: {status}")
        return server

    async def close(self) -> None:
        """Kills what still runs."""
        for server in self._servers:
            await server.remove()
        self._servers.clear()

    def complaints(self) -> list[str]:
        """Lines of the log that tell of errors and panics."""
        said = self.log.read_text(errors="replace").splitlines()
        return [line for line in said if " ERROR " in line or "panicked" in line]


async def start_upstream(directory: Path) -> Process:
    """The scripted OpenAI-compatible server."""
    upstream = Process(binary("OPENAI_UPSTREAM_BIN", "openai-upstream"), directory)
    if not await upstream.listening():
        raise AssertionError("the scripted model does not start")
    return upstream


def raise_limit_of_files(wanted: int = 4096) -> None:
    """Raises the limit of open files, which servers inherit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < raised:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
