"""The servers that are loaded, and streams that outlive one of them."""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import subprocess
from pathlib import Path
from typing import Any, Optional

from harness.checks import Checks
from harness.events import Event, finish_reason, log_problems
from harness.http_client import Client, Cut, Response
from harness.site import Process, Site, binary

GRACE_SECONDS = 30


class Place:
    """A server, and a client of it with the key."""

    def __init__(self, server: Process, key: str):
        self.server = server
        self.client = Client(server.address, authorization=f"Bearer {key}")
        self.stranger = Client(server.address)
        # From then on its connections may break and its turns be interrupted.
        self.is_stopping = False


class Service:
    """One or two servers on one database."""

    def __init__(self, directory: Path, upstream: Process, checks: Checks):
        self.key, sha256 = _make_key(directory)
        keys = json.dumps([{"name": "soak", "sha256": sha256}])
        self.site = Site(directory / "site", upstream, TIDEWIRE_KEYS=keys)
        self.checks = checks
        self.places: list[Place] = []
        self.turns = 0
        self.requests = 0

    async def add(self) -> Place:
        """Starts a server and takes it into use."""
        self.places.append(Place(await self.site.start(), self.key))
        return self.places[-1]

    async def remove(self, place: Place) -> None:
        """Takes a server out of use and stops it in order."""
        self.places.remove(place)
        place.is_stopping = True
        place.server.signal(signal.SIGTERM)
        code = await asyncio.wait_for(place.server.ended(), GRACE_SECONDS)
        self.checks.expect(code == 0, f"a server stops in order, not with {code}")

    def pick(self, rng: random.Random) -> Place:
        return rng.choice(self.places)

    async def call(self, place: Place, wanted: int, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Sends a request, counts whether it gets this status, and returns its JSON."""
        while True:
            self.requests += 1
            try:
                status, found = await place.client.call(method, path, body, **headers)
            except Cut:
                if not place.is_stopping:
                    raise
                place = self.places[0]
                continue
            self.checks.expect(status == wanted, f"{method} {path}: {status} {found}, not {wanted}")
            return found

    async def ask(self, place: Place, conversation: str, body: dict) -> Optional[Reading]:
        """Starts a turn. None where the server is going away."""
        self.requests += 1
        path = f"/api/conversations/{conversation}/turns"
        try:
            response = await place.client.open("POST", path, body)
        except Cut:
            if place.is_stopping:
                return None
            raise
        if response.status != 200:
            status, content = response.status, await response.body()
            response.close()
            self.checks.expect(status == 503 and place.is_stopping, f"POST {path}: {status} {content!r}")
            return None
        self.turns += 1
        return Reading(self, place, response)


class Reading:
    """A reader of a turn, which may leave and come back."""

    def __init__(self, service: Service, place: Place, response: Response):
        self.turn = response.headers["x-turn-id"]
        self.log: list[Event] = []
        self._service = service
        self._place = self._producer = place
        self._response: Optional[Response] = response
        self._events = response.events()

    async def until(self, number: int) -> None:
        """Reads up to this event, or to the end."""
        if self._response is None or finish_reason(self.log):
            return
        try:
            async for event in self._events:
                if event.kind == "reset":
                    self.log.clear()
                else:
                    self.log.append(event)
                if len(self.log) == number:
                    return
        except Cut:
            if not self._place.is_stopping:
                raise

    def leave(self) -> None:
        """Closes the connection."""
        if self._response:
            self._response.close()
            self._response = None

    async def come_back(self, place: Place) -> None:
        """Asks for what follows."""
        self.leave()
        self._place = place
        last = str(self.log[-1].seq if self.log else 0)
        path = f"/api/turns/{self.turn}/events"
        try:
            self._response = await place.client.open("GET", path, last_event_id=last)
        except Cut:
            if not place.is_stopping:
                raise
            return
        self._events = self._response.events()
        status = self._response.status
        self._service.checks.expect(status == 200, f"coming back to a turn: {status}")

    async def to_the_end(self, *reasons: str) -> None:
        """Reads the rest, and counts whether the log is whole and ended for one of these reasons."""
        expect = self._service.checks.expect
        await self.until(-1)
        while self._place.is_stopping and not finish_reason(self.log):
            await self.come_back(self._service.places[0])
            await self.until(-1)
        self.leave()
        allowed = (*reasons, "interrupted") if self._producer.is_stopping else reasons
        reason = finish_reason(self.log)
        expect(reason in allowed, f"turn {self.turn} ended with {reason}, not {allowed}")
        if self.log and self.log[-1].seq is not None:
            self._service.checks.expect_none(log_problems(self.log), f"the log of {self.turn}")


def _make_key(directory: Path) -> tuple[str, str]:
    """A key and its hash, by the program's own command."""
    made = subprocess.run(
        [binary("TIDEWIRE_BIN", "tidewire"), "key", "soak"],
        env={"HOME": str(directory)},
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    key = re.search(r"^ +(tw_\S+)$", made, re.MULTILINE)
    sha256 = re.search(r'sha256 = "([0-9a-f]{64})"', made)
    return key[1], sha256[1]
