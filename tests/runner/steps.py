"""What suites are made of, and how they are run, shown and logged."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator, Optional, TextIO, Union

from runner import excerpts, process
from runner.counts import ONE_FAILED, ONE_PASSED, Counts, Reader, judge
from runner.project import ROOT, environment

HEARTBEAT_SECONDS = 30
WIDTH = 110
MINUTE = 60


@dataclass(frozen=True)
class Command:
    """A command. Without a reader for its summary it counts as one test."""

    arguments: list[str]
    cwd: Path = ROOT
    env: dict[str, str] = field(default_factory=dict)
    read: Optional[Reader] = None
    # What is shown where it fails.
    excerpt: Callable[[str], list[str]] = excerpts.tail
    # Lines that are shown while it runs.
    show: str = r"(?!)"
    timeout_seconds: float = 10 * MINUTE
    # It counts only when it fails, and then what needs it is not run.
    is_preparation: bool = False

    @property
    def title(self) -> str:
        program = Path(self.arguments[0])
        is_elsewhere = program.is_absolute() and ROOT not in program.parents
        shown = [program.name if is_elsewhere else str(program), *self.arguments[1:]]
        return " ".join(shown).replace(f"{ROOT}/", "")


@dataclass(frozen=True)
class Check:
    """A test that is a function here. It returns what is wrong, a line each."""

    title: str
    find_problems: Callable[[], list[str]]
    is_preparation: bool = False


Step = Union[Command, Check]


def prepare(*arguments: str, **options) -> Command:
    """A command without which the suite cannot run."""
    options = {"timeout_seconds": 60 * MINUTE, **options}
    return Command(list(arguments), is_preparation=True, **options)


def run_steps(steps: Iterator[Step], log: TextIO) -> Counts:
    """Runs steps in order. A preparation that fails is one failure, and the last step."""
    total = Counts()
    for step in steps:
        print(f"  {step.title[:WIDTH]}", flush=True)
        log.write(f"\n$ {step.title}\n")
        began = time.monotonic()
        counts, excerpt = _run_command(step, log) if isinstance(step, Command) else _run_check(step, log)
        seconds = time.monotonic() - began
        log.flush()
        if counts.failed:
            for line in excerpt:
                print(f"    | {line[:300]}")
        verdict = "failed" if counts.failed else "ok"
        told = "" if step.is_preparation else f", {counts}"
        print(f"    {verdict}{told}, {duration(seconds)}", flush=True)
        if not step.is_preparation:
            total += counts
        elif counts.failed:
            return total + ONE_FAILED
    return total


def duration(seconds: float) -> str:
    """A duration for people."""
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    return f"{int(seconds // MINUTE)} min {int(seconds % MINUTE)} s"


def _run_command(step: Command, log: TextIO) -> tuple[Counts, list[str]]:
    progress = _Progress(step.show)
    code, output = process.run(
        step.arguments,
        cwd=step.cwd,
        env={**environment(), **step.env},
        log=log,
        timeout_seconds=step.timeout_seconds,
        on_line=progress.line,
        on_silence=progress.beat,
    )
    counts = judge(step.read, output, code)
    return counts, [*step.excerpt(output), f"exit code {code}"]


def _run_check(step: Check, log: TextIO) -> tuple[Counts, list[str]]:
    try:
        problems = step.find_problems()
    except (OSError, RuntimeError) as error:
        problems = str(error).splitlines()
    log.writelines(f"{problem}\n" for problem in problems)
    return (ONE_FAILED if problems else ONE_PASSED), problems[:excerpts.TAIL_LINES]


class _Progress:
    """Shows the lines that say how far a command is, and now and then that it still runs."""

    def __init__(self, show: str):
        self._show = re.compile(show)
        self._last_line = ""
        self._last_shown = time.monotonic()
        self._began = self._last_shown

    def line(self, line: str) -> None:
        if self._show.search(line):
            self._print(line.strip())
        elif line.strip():
            self._last_line = line.strip()
        self.beat(time.monotonic() - self._began)

    def beat(self, elapsed_seconds: float) -> None:
        if time.monotonic() - self._last_shown >= HEARTBEAT_SECONDS:
            self._print(f"… {duration(elapsed_seconds)}: {self._last_line}")

    def _print(self, text: str) -> None:
        print(f"    {text[:WIDTH]}", flush=True)
        self._last_shown = time.monotonic()
