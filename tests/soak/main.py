"""The command line of the soak, and what must hold at its end."""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Optional

from harness.checks import Checks
from harness.database import inspect
from harness.http_client import Cut, Hung
from harness.site import Process, raise_limit_of_files, start_upstream
from soak.measures import MIB, Held, Sample, held_by, size, thirds
from soak.service import Place, Service
from soak.user import User

INTERRUPTED = 130
USERS = 16
SAMPLE_SECONDS = 1
SHOWN_EVERY = 15
# tokio ends a thread for blocking work when it was idle for that long.
IDLE_THREAD_SECONDS = 10
# How long an idle server may take to let go of what it keeps for a moment.
SETTLING_SECONDS = 60

# What may be more when all is idle again: caches fill, a connection of the pool to SQLite opens.
MORE_FILES = 8
MORE_THREADS = 2
# How much more memory the last third may take than the middle one, by their medians.
MORE_MEMORY = 1.05
MORE_MEMORY_BYTES = 4 * MIB
# SQLite folds it in every 4 MB, and readers may delay that.
LONGEST_WAL_BYTES = 32 * MIB
# Room of what was deleted is used again.
MORE_DATABASE = 1.25
MORE_DATABASE_BYTES = MIB


def main(arguments: Optional[list[str]] = None) -> int:
    """Runs the soak. Returns the exit code."""
    options = _parse(arguments)
    if not sys.platform.startswith("linux"):
        print("the soak reads /proc, which only Linux has\n0 passed, 1 failed")
        return 1
    raise_limit_of_files()
    try:
        return asyncio.run(_until_terminated(options))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\ninterrupted", flush=True)
        return INTERRUPTED


def _parse(arguments: Optional[list[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/soak/run",
        description="Loads one server, for a part of the time two on one database, with all that users do, "
        "and looks for what builds up. Ends with the line `N passed, N failed`.",
    )
    parser.add_argument("--minutes", type=float, default=5, help="how long the load lasts (5)")
    parser.add_argument("--seed", type=int, help="chooses what users do; a run prints its own")
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
    with tempfile.TemporaryDirectory(prefix="tidewire-soak-") as directory:
        upstream = await start_upstream(Path(directory))
        soak = Soak(Service(Path(directory), upstream, checks), upstream, options.seed)
        try:
            await soak.run(options.minutes * 60)
        except (AssertionError, Cut, Hung, OSError, LookupError, asyncio.TimeoutError) as error:
            checks.expect(False, f"the soak ended with {error!r}\n{traceback.format_exc(limit=-6)}")
        finally:
            await soak.service.site.close()
            await upstream.remove()
    print(checks.summary(), flush=True)
    return 1 if checks.failed else 0


class Soak:
    """A run of the soak."""

    def __init__(self, service: Service, upstream: Process, seed: int):
        self.service = service
        self.checks = service.checks
        self.users = [User(service, f"{seed}/{number}") for number in range(USERS)]
        self._upstream_port = int(upstream.address.rpartition(":")[2])
        self._server: Place
        self._samples: list[Sample] = []
        self._elapsed = 0

    def _look(self) -> Held:
        return held_by(self._server.server.pid, self._upstream_port)

    async def run(self, seconds: float) -> None:
        self._server = await self.service.add()
        await self._load(max(seconds / 10, 5))
        at_first = await self._settle()
        print(f"idle after the warm-up: {at_first}", flush=True)
        self._samples.clear()
        third = seconds * 0.3
        second = await self.service.add()
        leaving = asyncio.get_running_loop().create_task(self._remove_after(second, third * 0.9))
        await self._load(third)
        await leaving
        await self._load(third * 2)
        at_last = await self._settle()
        print(f"idle at the end: {at_last}", flush=True)
        self._judge(at_first, at_last)
        await self._judge_conversations()

    async def _remove_after(self, place: Place, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.service.remove(place)

    async def _load(self, seconds: float) -> None:
        """Lets all users act for so long, and looks at the server meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds

        async def act(user: User) -> None:
            while loop.time() < end:
                self.checks.place = "load"
                await user.act()

        acting = [asyncio.ensure_future(act(user)) for user in self.users]
        try:
            running = set(acting)
            while running:
                done, running = await asyncio.wait(running, timeout=SAMPLE_SECONDS)
                for ended in done:
                    ended.result()
                self._sample()
        finally:
            for task in acting:
                task.cancel()
            await asyncio.gather(*acting, return_exceptions=True)

    def _sample(self) -> None:
        database = self.service.site.database
        sample = Sample(self._look(), size(Path(f"{database}-wal")), size(database))
        self._samples.append(sample)
        self._elapsed += SAMPLE_SECONDS
        if self._elapsed % SHOWN_EVERY == 0:
            print(
                f"{self._elapsed:4} s: {self.service.turns} turns, {self.service.requests} requests, {sample.held}, "
                f"WAL {sample.wal_bytes / MIB:.1f} MiB, database {sample.database_bytes / MIB:.1f} MiB",
                flush=True,
            )

    async def _settle(self) -> Held:
        """What the idle server holds, once it lets go of nothing more."""
        held, unchanged_seconds = self._look(), 0
        for _ in range(SETTLING_SECONDS):
            await asyncio.sleep(1)
            before, held = held, self._look()
            is_same = (held.threads, held.files) == (before.threads, before.files)
            unchanged_seconds = unchanged_seconds + 1 if is_same else 0
            if unchanged_seconds > IDLE_THREAD_SECONDS:
                break
        return held

    def _judge(self, at_first: Held, at_last: Held) -> None:
        """What may not have built up."""
        self.checks.place = "at the end"
        expect = self.checks.expect
        expect(at_last.files <= at_first.files + MORE_FILES, f"files: {at_first}, then {at_last}")
        expect(at_last.threads <= at_first.threads + MORE_THREADS, f"threads: {at_first}, then {at_last}")
        most = at_last.upstream_connections
        expect(most <= USERS, f"{most} connections to the model are open, of {USERS} users that are gone")
        middle, last = thirds([sample.held.resident_bytes for sample in self._samples])
        expect(
            last <= middle * MORE_MEMORY + MORE_MEMORY_BYTES,
            f"memory: {middle / MIB:.1f} MiB in the middle third, {last / MIB:.1f} MiB in the last",
        )
        print(f"memory: middle third {middle / MIB:.1f} MiB, last third {last / MIB:.1f} MiB")
        middle, last = thirds([sample.database_bytes for sample in self._samples])
        expect(last <= middle * MORE_DATABASE + MORE_DATABASE_BYTES, f"database: {middle:.0f}, then {last:.0f} bytes")
        longest = max(sample.wal_bytes for sample in self._samples)
        expect(longest <= LONGEST_WAL_BYTES, f"the WAL has had {longest} bytes")
        print(f"longest WAL {longest / MIB:.1f} MiB")
        self.checks.expect_none(self.service.site.complaints(), "no error in the log")

    async def _judge_conversations(self) -> None:
        """What is there is what was kept, and nothing runs any more."""
        expect, place = self.checks.expect, self._server
        kept = {conversation for user in self.users for conversation in user.conversations}
        answers = 0
        for conversation in kept:
            found = await self.service.call(place, 200, "GET", f"/api/conversations/{conversation}")
            expect(found["active_turn"] is None, f"a turn is left active: {found}")
            messages = await place.client.messages(conversation)
            said = [message for message in messages if message["role"] == "assistant"]
            expect(all(message["finish_reason"] for message in said), f"an answer without end: {conversation}")
            answers += len(said)
        await self.service.remove(place)
        left = inspect(self.service.site.database)
        self.checks.expect_none(left.problems, "the database is whole")
        expect(left.conversations == kept, f"{len(left.conversations)} conversations, {len(kept)} were kept")
        expect(left.rows["turns"] == answers, f"{left.rows}, {answers} answers were kept")
        expect(left.rows["holders"] <= 2, f"{left.rows}")
        files = sorted(path.name for path in self.service.site.database.parent.iterdir())
        expect(files == ["tidewire.db"], f"one file is left, not {files}")
        print(f"{self.service.turns} turns, {self.service.requests} requests; left: {left.rows}")
