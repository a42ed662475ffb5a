"""The command line of the kill matrix, and the table of its cases."""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import tempfile
import time
import traceback
from pathlib import Path
from typing import Optional

from faults import process_cases, turn_cases
from faults.scene import Scene
from harness.checks import Checks
from harness.http_client import Cut, Hung
from harness.site import Process, Site, raise_limit_of_files, start_upstream

INTERRUPTED = 130

# Each case with its rounds. A round kills at least once.
CASES = {
    case.__name__: (case, rounds)
    for case, rounds in (
        (process_cases.first_start, 100),
        (turn_cases.before_headers, 120),
        (turn_cases.at_headers, 50),
        (turn_cases.after_event, 80),
        (turn_cases.between_flushes, 40),
        (turn_cases.while_silent, 15),
        (turn_cases.at_the_end, 150),
        (turn_cases.stop, 80),
        (turn_cases.branches, 80),
        (turn_cases.tool_round, 80),
        (turn_cases.many_turns, 6),
        (turn_cases.recovery, 15),
        (process_cases.writes, 80),
        (process_cases.deletion, 80),
        (process_cases.two_processes, 20),
        (process_cases.shutdown, 40),
    )
}


def main(arguments: Optional[list[str]] = None) -> int:
    """Runs the cases that the command line asks for. Returns the exit code."""
    options = _parse(arguments)
    raise_limit_of_files()
    try:
        return asyncio.run(_until_terminated(options))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\ninterrupted", flush=True)
        return INTERRUPTED


def _parse(arguments: Optional[list[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/faults/run",
        description="Kills the server at very many points, starts it again on the same data, and checks "
        "what docs/OPERATIONS.md promises. Ends with the line `N passed, N failed`.",
        epilog="cases: " + "; ".join(f"{name} ({case.__doc__})" for name, (case, _) in CASES.items()),
    )
    parser.add_argument("--seed", type=int, help="chooses the points; a run prints its own")
    parser.add_argument("--rounds", type=int, help="rounds of each case, in place of its own number")
    parser.add_argument("--only", nargs="+", choices=list(CASES), metavar="NAME", help="these cases alone")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    return options


async def _until_terminated(options: argparse.Namespace) -> int:
    # So that everything is ended in order, as after Ctrl-C.
    running = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    checks = Checks()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="tidewire-faults-") as directory:
        upstream = await start_upstream(Path(directory))
        try:
            kills = 0
            for name in options.only or CASES:
                kills += await _run_case(name, options, Path(directory), upstream, checks)
            print(f"{kills} kills")
        finally:
            await upstream.remove()
    print(checks.summary(), flush=True)
    return 1 if checks.failed else 0


async def _run_case(
    name: str, options: argparse.Namespace, directory: Path, upstream: Process, checks: Checks
) -> int:
    """Runs all rounds of a case on one data directory. Returns how often it killed."""
    case, rounds = CASES[name]
    rounds = options.rounds or rounds
    began, before = time.monotonic(), (checks.passed, checks.failed)
    site = Site(directory / name, upstream)
    scene = Scene(site, checks, f"{options.seed}/{name}", upstream)
    checks.place = name
    try:
        await scene.start()
        for number in range(1, rounds + 1):
            checks.place = f"{name}, round {number}"
            scene.begin_round(number)
            await case(scene)
        checks.place = f"{name}, at the end"
        await scene.end()
    except (AssertionError, Cut, Hung, OSError, LookupError, asyncio.TimeoutError) as error:
        checks.expect(False, f"the case ended with {error!r}\n{traceback.format_exc(limit=-6)}")
    finally:
        await site.close()
    passed, failed = checks.passed - before[0], checks.failed - before[1]
    ends = ", ".join(f"{count} {end}" for end, count in scene.ends.most_common())
    told = f"{rounds} rounds, {scene.kills} kills: {passed} ok, {failed} failed, {time.monotonic() - began:.1f} s"
    print(f"{name:16} {told}; {ends or 'no turn'}", flush=True)
    if failed:
        print(f"  again: tests/faults/run --seed {options.seed} --only {name} --rounds {rounds}", flush=True)
    return scene.kills
