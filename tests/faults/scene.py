"""What a round of a case works on: a site, its server, and what was promised so far."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from typing import Callable

from faults.asked import Asked, Watch
from harness.checks import Checks
from harness.database import Snapshot, inspect
from harness.events import Event
from harness.http_client import Client
from harness.site import Process, Site

# How many old turns are read again when a case is over.
REREAD = 60


class Scene:
    """A site with one server that is killed again and again."""

    def __init__(self, site: Site, checks: Checks, seed: str, upstream: Process):
        self.site = site
        self.upstream = upstream
        self.checks = checks
        self.seed = seed
        self.rng = random.Random(seed)
        self.server: Process
        self.kills = 0
        # What the kills led to, which tells whether they hit what they were meant to hit.
        self.ends: Counter[str] = Counter()
        self._keys = 0
        # Logs that were whole once: later kills must not change them.
        self.whole: dict[str, list[Event]] = {}

    def begin_round(self, number: int) -> None:
        """Each round has chances of its own, so that it can be repeated."""
        self.rng = random.Random(f"{self.seed}/{number}")

    @property
    def client(self) -> Client:
        return Client(self.server.address)

    def new_key(self) -> str:
        """A name for a request."""
        self._keys += 1
        return f"key-{self._keys}"

    async def start(self, **settings: str) -> None:
        self.server = await self.site.start(**settings)

    def kill(self) -> None:
        """Kills the server, at this very moment."""
        self.server.kill()

    def kill_within(self, longest_ms: float) -> None:
        """Kills the server after a random delay, which is what is tried here."""
        delay = self.rng.uniform(0, longest_ms) / 1000
        asyncio.get_running_loop().call_later(delay, self.server.kill)

    def kill_at(self, number: int) -> Watch:
        """A watch that kills the server once that many events were seen."""

        def watch(seen: int) -> None:
            if seen == number:
                self.kill()

        return watch

    async def autopsy(self) -> Snapshot:
        """Waits for the server's death and looks at what it left."""
        await self.server.ended()
        self.kills += 1
        snapshot = inspect(self.site.database)
        self.checks.expect_none(snapshot.problems, "the database is whole after a kill")
        return snapshot

    async def recover(self) -> Snapshot:
        """Looks at what the dead server left and starts another one. Returns what was left."""
        snapshot = await self.autopsy()
        await self.start()
        return snapshot

    async def ask_and_die(self, asked: Asked, watch: Watch = lambda _: None) -> Snapshot:
        """Reads a turn until the server is dead, also where the turn ends before; then recovers."""
        await asked.ask(self.client, watch)
        self.kill()
        return await self.recover()

    async def until(self, condition: Callable[[], bool], what: str) -> bool:
        """Asks until it is so, and counts that as a check."""
        return self.checks.expect(await becomes(condition), what)

    async def end(self) -> None:
        """Reads old turns again, stops the server in order, and looks at what it left."""
        expect = self.checks.expect
        turns = list(self.whole)
        for turn in self.rng.sample(turns, min(REREAD, len(turns))):
            expect(await self.client.log(turn) == self.whole[turn], f"turn {turn} is as it was")
        self.server.signal(signal.SIGTERM)
        code = await asyncio.wait_for(self.server.ended(), 30)
        expect(code == 0, f"the server stops in order, not with {code}")
        snapshot = inspect(self.site.database)
        self.checks.expect_none(snapshot.problems, "the database is whole at the end")
        running = [turn for turn, stored in snapshot.turns.items() if stored.finish_reason is None]
        expect(not running, f"no turn is left running: {running}")
        self.checks.expect_none(self.site.complaints(), "no error in the log")


async def becomes(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether the condition comes true in time; asks every few milliseconds."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + seconds
    while not condition():
        if loop.time() > give_up_at:
            return False
        await asyncio.sleep(0.005)
    return True
