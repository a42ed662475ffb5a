"""Kills at all points of one turn's life."""

from __future__ import annotations

import asyncio

from faults.asked import echo, paced, with_tool
from faults.scene import Scene
from faults.verify import verify
from harness.database import stored_seq
from harness.http_client import Cut

MANY = 200


async def before_headers(scene: Scene) -> None:
    """A question is on its way and nothing was answered yet."""
    asked = paced(await scene.client.conversation(), scene.new_key(), 20, 3)
    scene.kill_within(scene.rng.choice([2, 4, 15]))
    left = await scene.ask_and_die(asked)
    await verify(scene, asked, left)
    messages = await scene.client.messages(asked.conversation)
    questions = [message for message in messages if message["role"] == "user"]
    scene.checks.expect(len(questions) == 1, f"the question is there {len(questions)} times")


async def at_headers(scene: Scene) -> None:
    """The head of the response has come, and perhaps nothing else."""
    asked = paced(await scene.client.conversation(), scene.new_key(), 20, 3)
    left = await scene.ask_and_die(asked, scene.kill_at(0))
    await verify(scene, asked, left)


async def after_event(scene: Scene) -> None:
    """The k-th event was seen, of a model that is slow, quick, or as fast as it can."""
    conversation, key = await scene.client.conversation(), scene.new_key()
    kind = scene.rng.choice(["slow", "quick", "burst"])
    if kind == "burst":
        # Twenty times what waits for the store at most.
        asked = echo(conversation, key, "".join(f"{n:0800} " for n in range(100)))
    else:
        asked = paced(conversation, key, 90, 12 if kind == "slow" else 1)
    left = await scene.ask_and_die(asked, scene.kill_at(scene.rng.choice([1, 2, 3, 5, 8, 13, 21, 34, 55, 89])))
    await verify(scene, asked, left)


async def between_flushes(scene: Scene) -> None:
    """A batch was stored, and the next one gathers or is on its way."""
    asked = paced(await scene.client.conversation(), scene.new_key(), 1500, 2)
    reading = asyncio.ensure_future(asked.ask(scene.client))
    batches = scene.rng.randint(1, 4)

    def has_grown() -> bool:
        seen = stored_seq(scene.site.database, asked.turn) if asked.turn else 0
        if seen <= asked.stored_events:
            return False
        asked.stored_events = seen
        return True

    for number in range(batches):
        await scene.until(has_grown, f"batch {number + 1} of a running turn is stored")
    scene.kill_within(300)
    await scene.server.ended()
    await reading
    await verify(scene, asked, await scene.recover())


async def while_silent(scene: Scene) -> None:
    """The model is silent for so long that all it said is stored."""
    asked = paced(await scene.client.conversation(), scene.new_key(), 40, 2, "[[silence]]")
    reading = asyncio.ensure_future(asked.ask(scene.client))
    # Half of the words, and the event before them.
    await scene.until(lambda: len(asked.events) >= 21, "the words before the silence come")
    stored = lambda: stored_seq(scene.site.database, asked.turn) >= len(asked.events)  # noqa: E731
    await scene.until(stored, "what was said before the silence is stored")
    asked.stored_events = len(asked.events)
    scene.kill_within(50)
    await scene.server.ended()
    await reading
    await verify(scene, asked, await scene.recover())


async def at_the_end(scene: Scene) -> None:
    """The last words come, the end is being stored, or was just shown."""
    asked = paced(await scene.client.conversation(), scene.new_key(), 6, 2)
    point = scene.rng.choice(["last words", "last word", "usage", "turn_finished"])

    def watch(number: int) -> None:
        kind = asked.events[-1].kind if number else ""
        words = sum(event.kind == "text_delta" for event in asked.events)
        if point == "last words" and kind == "text_delta" and words == 4:
            scene.kill_within(12)
        elif point == "last word" and kind == "text_delta" and words == 6:
            scene.kill_within(2)
        elif point == kind:
            scene.kill()

    left = await scene.ask_and_die(asked, watch)
    await verify(scene, asked, left)


async def stop(scene: Scene) -> None:
    """Somebody presses Stop."""
    asked = paced(await scene.client.conversation(), scene.new_key(), 400, 5)
    asked.ends = ("stopped",)
    client, rng = scene.client, scene.rng
    event, point = rng.randint(1, 30), rng.choice(["sent", "answered", "told"])
    stopping: list[asyncio.Future] = []

    async def press() -> None:
        try:
            status, _ = await client.call("POST", f"/api/turns/{asked.turn}/stop")
            scene.checks.expect(status == 202, f"Stop is answered with {status}")
        except Cut:
            pass
        if point == "answered":
            scene.kill_within(5)

    def watch(number: int) -> None:
        if number == event:
            stopping.append(asyncio.ensure_future(press()))
            if point == "sent":
                scene.kill_within(10)

    left = await scene.ask_and_die(asked, watch)
    await asyncio.gather(*stopping)
    await verify(scene, asked, left)


async def branches(scene: Scene) -> None:
    """An answer is regenerated, or a question is edited, beside what is there already."""
    conversation = await scene.client.conversation()
    base = paced(conversation, scene.new_key(), 30, 0)
    await base.ask(scene.client)
    before = {message["id"]: message for message in await scene.client.messages(conversation)}
    answer = base.events[0].data["message_id"]
    changed = scene.rng.choice([{"regenerate": answer}, {"parent_id": None}, {"parent_id": answer}])
    asked = paced(conversation, scene.new_key(), 30, 0 if "regenerate" in changed else 3, **changed)
    if scene.rng.random() < 0.5:
        scene.kill_within(40)
        left = await scene.ask_and_die(asked)
    else:
        left = await scene.ask_and_die(asked, scene.kill_at(scene.rng.randint(0, 30)))
    await verify(scene, asked, left)
    after = {message["id"]: message for message in await scene.client.messages(conversation)}
    kept = all(after.get(id) == message for id, message in before.items())
    scene.checks.expect(kept, "what was there before is not touched")
    scene.checks.expect(await scene.client.log(base.turn) == base.events, "nor is its log")


async def tool_round(scene: Scene) -> None:
    """The model asks for a tool, which runs, and the model goes on."""
    asked = with_tool(await scene.client.conversation(), scene.new_key(), 5)
    left = await scene.ask_and_die(asked, scene.kill_at(scene.rng.randint(0, 9)))
    log = await verify(scene, asked, left)
    kinds = [event.kind for event in log]
    # What is no text is stored at once: a result never stands without its call.
    scene.checks.expect(kinds.count("tool_result") <= kinds.count("tool_call"), f"{kinds}")


async def many_turns(scene: Scene) -> None:
    """Two hundred turns run at once."""
    client = scene.client
    conversations = await asyncio.gather(*(client.conversation() for _ in range(MANY)))
    turns = [paced(conversation, scene.new_key(), 60, 50) for conversation in conversations]
    reading = [asyncio.ensure_future(asked.ask(client)) for asked in turns]
    wanted = scene.rng.randint(1, 30) * MANY
    seen = lambda: sum(len(asked.events) for asked in turns) >= wanted  # noqa: E731
    await scene.until(seen, f"{wanted} events come")
    scene.kill_within(300)
    left = await scene.recover()
    await asyncio.gather(*reading)
    running = [stored for stored in left.turns.values() if stored.finish_reason is None]
    scene.checks.expect(len(running) >= MANY / 2, f"{len(running)} turns ran when the server was killed")
    thorough = set(scene.rng.sample(range(MANY), 8))
    for number, asked in enumerate(turns):
        await verify(scene, asked, left, thorough=number in thorough)


async def recovery(scene: Scene) -> None:
    """The server is killed while it recovers from being killed, several times in a row."""
    client = scene.client
    conversations = await asyncio.gather(*(client.conversation() for _ in range(30)))
    turns = [paced(conversation, scene.new_key(), 400, 10) for conversation in conversations]
    reading = [asyncio.ensure_future(asked.ask(client)) for asked in turns]
    await scene.until(lambda: all(len(asked.events) > 5 for asked in turns), "all turns run")
    scene.kill()
    await asyncio.gather(*reading)
    left = await scene.autopsy()
    for _ in range(scene.rng.randint(3, 6)):
        scene.server = scene.site.spawn()
        if scene.rng.random() < 0.5:
            scene.kill_within(80)
        elif await scene.server.listening():
            # Its reaper runs, and readers ask for what it has not come to yet.
            asking = [asyncio.ensure_future(_read(scene, asked.turn)) for asked in turns]
            scene.kill_within(30)
            await asyncio.gather(*asking)
        await scene.autopsy()
    await scene.start()
    for number, asked in enumerate(turns):
        await verify(scene, asked, left, thorough=number < 3)


async def _read(scene: Scene, turn: str) -> None:
    try:
        await scene.client.log(turn)
    except Cut:
        pass
