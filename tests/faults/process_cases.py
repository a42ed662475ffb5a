"""Kills around starts, orderly stops, writes, and several processes."""

from __future__ import annotations

import asyncio
import signal
from typing import Optional

from faults.asked import Asked, paced
from faults.scene import Scene, becomes
from faults.verify import verify
from harness.database import inspect
from harness.events import finish_reason, log_problems, text_of
from harness.http_client import Client, Cut
from harness.site import Site

# Whoever shares the host sees a death by itself; a lease would take 30 s.
TOLD_WITHIN_SECONDS = 15


class Kept:
    """A conversation, and what a client knows of it."""

    def __init__(self, id: str, title: str):
        self.id = id
        # The titles that it may have: more than one after a change that nobody answered.
        self.titles = {title}
        self.may_exist = True
        self.may_be_gone = False


async def writes(scene: Scene) -> None:
    """Conversations are made, renamed and deleted, by eight clients at once."""
    client, rng = scene.client, scene.rng
    kept: list[Kept] = []

    async def write(name: int) -> None:
        mine: list[Kept] = []
        for number in range(1000):
            act = rng.choice(["make", "rename", "delete"]) if mine else "make"
            title = f"{name}/{number}"
            if act == "make":
                mine.append(Kept(await client.conversation(title=title), title))
                kept.append(mine[-1])
                continue
            one = rng.choice(mine)
            path = f"/api/conversations/{one.id}"
            if act == "rename":
                one.titles.add(title)
                status, _ = await client.call("PATCH", path, {"title": title})
                one.titles = {title} if status == 200 else one.titles
            else:
                mine.remove(one)
                one.may_be_gone = True
                status, _ = await client.call("DELETE", path)
                one.may_exist = status != 204

    writing = [asyncio.ensure_future(write(name)) for name in range(8)]
    await scene.until(lambda: len(kept) >= 8, "conversations are made")
    scene.kill_within(120)
    outcomes = await asyncio.gather(*writing, return_exceptions=True)
    wrong = [outcome for outcome in outcomes if not isinstance(outcome, Cut)]
    scene.checks.expect(not wrong, f"writing goes well until the kill: {wrong}")
    left = await scene.recover()
    for one in kept:
        status, found = await scene.client.call("GET", f"/api/conversations/{one.id}")
        scene.checks.expect(
            one.may_be_gone if status == 404 else one.may_exist and found["title"] in one.titles,
            f"{vars(one)} is {status} {found}",
        )
        scene.checks.expect((status == 200) == (one.id in left.conversations), "and was when it died")


async def deletion(scene: Scene) -> None:
    """A conversation is deleted while a turn runs on it."""
    conversation = await scene.client.conversation()
    asked = paced(conversation, scene.new_key(), 200, 5)
    reading = asyncio.ensure_future(asked.ask(scene.client))
    wanted = scene.rng.randint(1, 40)
    await scene.until(lambda: len(asked.events) >= wanted, "the turn runs")
    scene.kill_within(scene.rng.choice([2, 8]))
    status: Optional[int] = None
    try:
        status, _ = await scene.client.call("DELETE", f"/api/conversations/{conversation}")
    except Cut:
        pass
    await reading
    left = await scene.recover()
    is_there = conversation in left.conversations
    scene.checks.expect(status in (None, 204) and not (status and is_there), f"DELETE: {status}")
    if is_there:
        await verify(scene, asked, left)
    else:
        for path in (f"/api/conversations/{conversation}", f"/api/turns/{asked.turn}/events"):
            status, _ = await scene.client.call("GET", path)
            scene.checks.expect(status == 404, f"{path} is gone, not {status}")


async def first_start(scene: Scene) -> None:
    """One or two processes start where nothing is yet, and make the database."""
    site = Site(scene.site.directory / scene.new_key(), scene.upstream)
    try:
        for _ in range(scene.rng.randint(1, 3)):
            servers = [site.spawn() for _ in range(scene.rng.choice([1, 1, 2]))]
            if scene.rng.random() < 0.7:
                # The schema is made right after.
                await becomes(site.database.exists, 10)
            await asyncio.sleep(scene.rng.uniform(0, 0.015))
            for server in servers:
                server.kill()
            for server in servers:
                await server.ended()
                scene.kills += 1
            left = inspect(site.database)
            scene.checks.expect_none(left.problems, "a first start that was killed")
            scene.ends["with a schema" if left.rows else "without a schema"] += 1
        server = await site.start()
        client = Client(server.address)
        asked = paced(await client.conversation(), "key", 3, 0)
        await asked.ask(client)
        scene.checks.expect_none(log_problems(asked.events), "the first turn after it")
        server.kill()
        await server.ended()
        scene.checks.expect_none(inspect(site.database).problems, "the database after it")
    finally:
        await site.close()


async def two_processes(scene: Scene) -> None:
    """The producer of some turns dies; another process on the same database goes on."""
    other = await scene.site.start()
    there = Client(other.address)
    turns = [paced(await there.conversation(), scene.new_key(), 400, 5) for _ in range(4)]
    own = paced(await there.conversation(), scene.new_key(), 60, 10)
    producing = [asyncio.ensure_future(asked.ask(scene.client)) for asked in turns]
    own_reading = asyncio.ensure_future(own.ask(there))
    wanted = scene.rng.randint(1, 150)
    await scene.until(lambda: all(len(asked.events) >= wanted for asked in turns), "all turns run")
    readers = [Asked(asked.conversation, {}, "", asked.answer, turn=asked.turn) for asked in turns]
    reading = [asyncio.ensure_future(_follow(there, reader)) for reader in readers]
    point = scene.rng.choice(["begun", "read", "asking"])
    if point != "begun":
        await scene.until(lambda: all(reader.events for reader in readers), "the other process reads them")
    scene.kill_within(300)
    if point == "asking":
        # The next request on the conversation need not wait for any reaper.
        await scene.server.ended()
        body = {"model": "echo", "text": "next"}
        following = Asked(turns[0].conversation, body, scene.new_key(), lambda _: "next")
        await following.ask(there)
        # Where nothing of the answer was stored, the model is shown both questions as one.
        answered = text_of(following.events).endswith("next") and finish_reason(following.events) == "stop"
        scene.checks.expect(answered, f"the next question: {following.refused}, {following.events[-3:]}")
    await asyncio.gather(*producing)
    await scene.server.ended()
    scene.kills += 1
    try:
        await asyncio.wait_for(asyncio.gather(*reading), TOLD_WITHIN_SECONDS)
        told = True
    except asyncio.TimeoutError:
        told = False
    scene.checks.expect(told, f"readers are told within {TOLD_WITHIN_SECONDS} s")
    for asked, reader in zip(turns, readers):
        problems = log_problems(reader.events)
        scene.checks.expect_none(problems, "a reader elsewhere sees a whole log")
        scene.checks.expect(finish_reason(reader.events) == "interrupted", "and that it was interrupted")
        asked.stored_events = len(reader.events) - 1
    await own_reading
    scene.checks.expect(finish_reason(own.events) == "stop", "turns of the other process go on")
    other.kill()
    await other.ended()
    left = await scene.recover()
    for number, asked in enumerate(turns):
        log = await verify(scene, asked, left, thorough=number == 3)
        scene.checks.expect(log == readers[number].events, "all have read the same log")
    await verify(scene, own, left)


async def _follow(client: Client, reader: Asked) -> None:
    path = f"/api/turns/{reader.turn}/events"
    async with await client.open("GET", path) as response:
        async for event in response.events():
            reader.events.append(event)


async def shutdown(scene: Scene) -> None:
    """The server was told to stop, and is killed before it has."""
    grace = scene.rng.choice([0, 1])
    scene.kill()
    await scene.server.ended()
    await scene.start(TIDEWIRE_SERVER__SHUTDOWN_GRACE_SECONDS=str(grace))
    client = scene.client
    gap = scene.rng.choice([2, 5, 20])
    turns = [paced(await client.conversation(), scene.new_key(), 80, gap) for _ in range(6)]
    reading = [asyncio.ensure_future(asked.ask(client)) for asked in turns]
    wanted = scene.rng.randint(1, 60)
    await scene.until(lambda: all(len(asked.events) >= wanted for asked in turns), "all turns run")
    scene.server.signal(signal.SIGTERM)
    scene.kill_within(60 if grace == 0 else 1500)
    await asyncio.gather(*reading)
    left = await scene.recover()
    for asked in turns:
        asked.ends = ("stop", "interrupted")
        await verify(scene, asked, left, thorough=asked is turns[0])
