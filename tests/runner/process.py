"""Runs one command after another, and leaves none of their processes behind."""

from __future__ import annotations

import codecs
import ctypes
import os
import re
import selectors
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterator, TextIO

# Colours, character sets, and the carriage returns of lines that are written over.
ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\([AB0])|\r(?!\n)")
PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 8
NOT_FOUND = 127
TIMED_OUT = 124
HAS_PROC = Path("/proc/self/stat").exists()


def adopt_orphans() -> None:
    """On Linux, makes processes whose parents have gone children of this one, so that they are found."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (OSError, AttributeError):
        pass


def run(
    arguments: list[str],
    *,
    cwd: Path,
    env: dict[str, str],
    log: TextIO,
    timeout_seconds: float,
    on_line: Callable[[str], None],
    on_silence: Callable[[float], None],
) -> tuple[int, str]:
    """Runs a command to its end. Returns its exit code and its output, without colours.

    `on_line` gets each line as it comes, `on_silence` about every second without one the seconds since
    the start. What the command leaves running is ended.
    """
    try:
        process = subprocess.Popen(
            arguments,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError) as error:
        said = f"{arguments[0]} cannot be run: {error.strerror}\n"
        log.write(said)
        return NOT_FOUND, said
    began = time.monotonic()
    said = []
    code = None
    try:
        for line in _lines(process):
            elapsed = time.monotonic() - began
            if elapsed > timeout_seconds:
                code = TIMED_OUT
                line = f"(ended after {timeout_seconds:.0f} s, which is all it may take)\n"
            if line:
                said.append(line)
                log.write(line)
                on_line(line.rstrip())
            else:
                on_silence(elapsed)
            if code == TIMED_OUT:
                break
        else:
            code = process.wait()
    finally:
        left = _end_session(process)
        process.stdout.close()
    if left:
        log.write(f"({left} processes were still there and have been ended)\n")
    return code, "".join(said)


def _lines(process: subprocess.Popen) -> Iterator[str]:
    """The lines of a process as they come, and an empty text for each second without any."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pending = ""
    descriptor = process.stdout.fileno()
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            # What it left running may hold the pipe open, and is not waited for.
            has_ended = process.poll() is not None
            if not selector.select(0 if has_ended else 1):
                if has_ended:
                    break
                yield ""
                continue
            read = os.read(descriptor, 1 << 16)
            if not read:
                break
            *lines, pending = (pending + decoder.decode(read)).split("\n")
            for line in lines:
                yield ANSI.sub("", line) + "\n"
    if pending:
        yield ANSI.sub("", pending) + "\n"


def _end_session(process: subprocess.Popen) -> int:
    """Ends the command if it still runs, and all that it left. Returns how many it left."""
    left: set[int] = set()
    for number in (signal.SIGTERM, signal.SIGKILL):
        told: set[int] = set()
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline:
            alive = _alive(process)
            if not alive and HAS_PROC:
                return len(left)
            if not told:
                _send(os.killpg, process.pid, number)
            for pid in alive - told:
                _send(os.kill, pid, number)
            if not alive:
                break
            told |= alive
            left |= alive - {process.pid}
            time.sleep(0.02)
    return len(left)


def _send(kill: Callable[[int, int], None], pid: int, number: int) -> None:
    try:
        kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def _alive(process: subprocess.Popen) -> set[int]:
    """The command if it runs, and all processes that come from it, as far as /proc tells."""
    alive = set()
    for pid, is_zombie in _descendants(os.getpid()):
        if not is_zombie:
            alive.add(pid)
        elif pid != process.pid:
            _reap(pid)
    if process.poll() is None:
        alive.add(process.pid)
    else:
        alive.discard(process.pid)
    return alive


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        # Its parent has not done so yet.
        pass


def _descendants(ancestor: int) -> Iterator[tuple[int, bool]]:
    """All processes under this one, each with whether it has ended and waits to be reaped."""
    children: dict[int, list[tuple[int, bool]]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in parentheses may hold anything; state and parent follow it.
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        children.setdefault(int(parent), []).append((int(stat.parent.name), state == "Z"))
    waiting = [ancestor]
    while waiting:
        for pid, is_zombie in children.get(waiting.pop(), []):
            yield pid, is_zombie
            waiting.append(pid)
