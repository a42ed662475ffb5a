"""The command line, the order of suites, and the last line."""

from __future__ import annotations

import argparse
import signal
import time
from pathlib import Path
from typing import Optional

from runner import process
from runner.counts import ONE_FAILED, Counts
from runner.project import ROOT, target_directory
from runner.steps import duration, run_steps
from runner.suites import SUITES, Suite, named, usual

INTERRUPTED = 130


def main(arguments: Optional[list[str]] = None) -> int:
    """Runs the suites that the command line asks for. Returns the exit code."""
    options = _parse(arguments)
    if options.list:
        for suite in SUITES:
            extra = "" if suite.is_there() else " (not there)"
            extra += " (with --all)" if suite.is_extra else ""
            print(f"{suite.name:8}  {suite.about}{extra}")
        return 0
    process.adopt_orphans()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    suites = named(options.only) if options.only else usual(options.all)
    try:
        return _run(suites)
    except KeyboardInterrupt:
        print("\ninterrupted", flush=True)
        return INTERRUPTED


def _parse(arguments: Optional[list[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/run",
        description="Installs what the tests need, runs them, and ends with the line `N passed, N failed`.",
        epilog="Full output goes to target/test-logs/SUITE.log. docs/TESTING.md says more.",
    )
    names = [suite.name for suite in SUITES]
    parser.add_argument("--all", action="store_true", help="also the suites that take long")
    parser.add_argument("--only", nargs="+", choices=names, metavar="SUITE", help="these suites alone")
    parser.add_argument("--list", action="store_true", help="lists the suites and runs none")
    return parser.parse_args(arguments)


def _run(suites: list[Suite]) -> int:
    logs = target_directory() / "test-logs"
    logs.mkdir(parents=True, exist_ok=True)
    table = []
    for number, suite in enumerate(suites, 1):
        print(f"[{number}/{len(suites)}] {suite.name}: {suite.about}", flush=True)
        began = time.monotonic()
        counts = _run_suite(suite, logs / f"{suite.name}.log")
        table.append((suite.name, counts, time.monotonic() - began))
    total = sum((counts for _, counts, _ in table), Counts())
    print(f"\nlogs: {_shown(logs)}")
    for name, counts, seconds in table:
        print(f"{name:8}  {counts}, {duration(seconds)}")
    print(f"\n{total}", flush=True)
    return 1 if total.failed else 0


def _run_suite(suite: Suite, log: Path) -> Counts:
    """What a suite came to. One that tested nothing has failed."""
    if not suite.is_there():
        print(f"  {_shown(suite.needs)} is missing")
        return ONE_FAILED
    with log.open("w", encoding="utf-8") as file:
        counts = run_steps(suite.steps(), file)
    if counts == Counts():
        print("  no test was run")
        return ONE_FAILED
    return counts


def _shown(path: Path) -> str:
    return str(path).replace(f"{ROOT}/", "")
