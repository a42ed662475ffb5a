"""What must hold for a turn after its server was killed."""

from __future__ import annotations

from typing import Optional

from faults.asked import Asked
from faults.scene import Scene
from harness.database import Snapshot, StoredTurn
from harness.events import Event, finish_reason, log_problems, text_of

# The promise is a quarter of a second of text (docs/OPERATIONS.md). It is counted in bytes, at the
# model's pace; the rest is for a commit on a machine that is busy.
LOSS_SECONDS = 0.25
LOSS_MARGIN_SECONDS = 0.5


async def verify(scene: Scene, asked: Asked, left: Snapshot, thorough: bool = True) -> list[Event]:
    """Checks a turn against what its client saw and what the dead server left. Returns its log."""
    expect = scene.checks.expect
    client = scene.client
    if asked.refused:
        expect(False, f"the turn was refused with {asked.refused}")
        return []
    stored = left.turns.get(asked.turn or "")
    if asked.turn is None:
        # Nobody knows whether it began: the same request starts it or joins it.
        again = await _repeat(scene, asked)
        asked.turn = again.turn
        stored = left.turns.get(asked.turn or "")
        if stored is None:
            asked.ends = ("stop",)
    else:
        expect(stored is not None, "a turn is stored before its head is sent")
    log = await client.log(asked.turn)
    expect_problems = scene.checks.expect_none
    expect_problems(log_problems(log), f"the log of {asked.turn} is whole")
    expect_problems(_against_client(asked, log), f"turn {asked.turn} against what its client saw")
    expect_problems(_against_store(asked, log, stored), f"turn {asked.turn} against the dead server")
    scene.ends[finish_reason(log) if stored else "never begun"] += 1
    await _verify_message(scene, asked, log)
    if thorough:
        await _verify_resuming(scene, asked, log)
        await _verify_repeating(scene, asked, log)
        await _verify_regenerating(scene, asked)
    scene.whole[asked.turn] = log
    return log


def _against_client(asked: Asked, log: list[Event]) -> list[str]:
    """The client saw a part of the log, and lost no more than is allowed."""
    problems = []
    seen = asked.events
    body = log[:-1]
    if finish_reason(seen) and seen != log:
        problems.append(f"it saw the end of {len(seen)} events, now there are {len(log)}")
    common = min(len(seen), len(body))
    if seen[:common] != body[:common]:
        problems.append("it saw other events")
    text, whole = text_of(log), asked.answer(log)
    if not whole.startswith(text):
        problems.append(f"the text is no beginning of the answer: {text[-80:]!r}")
    if finish_reason(log) == "stop" and text != whole:
        problems.append(f"it ended with {len(text)} of {len(whole)} bytes")
    if len(body) < asked.stored_events:
        problems.append(f"{asked.stored_events} events were in the store, now {len(body)}")
    lost = len(text_of(seen)) - len(text)
    if asked.bytes_per_second is not None:
        allowed = asked.bytes_per_second * (LOSS_SECONDS + LOSS_MARGIN_SECONDS)
        if lost > allowed:
            problems.append(f"{lost} bytes are lost, {allowed:.0f} may be")
    return problems


def _against_store(asked: Asked, log: list[Event], stored: Optional[StoredTurn]) -> list[str]:
    """The log is what the dead server stored, and an end where it lacked one."""
    reason = finish_reason(log)
    if stored is None:
        return [] if reason in asked.ends else [f"it ended with {reason}"]
    if stored.finish_reason is not None:
        problems = []
        if reason != stored.finish_reason or len(log) != stored.last_seq:
            problems.append(f"it was {stored}, now {reason} with {len(log)} events")
        if reason not in (*asked.ends, "interrupted"):
            problems.append(f"it ended with {reason}")
        return problems
    # A turn of which nothing was stored gets a first event too.
    wanted = max(stored.last_seq, 1) + 1
    if reason != "interrupted" or len(log) != wanted:
        return [f"it was {stored}, now {reason} with {len(log)} events"]
    return []


async def _verify_message(scene: Scene, asked: Asked, log: list[Event]) -> None:
    """The conversation is free, and its message is the log."""
    expect = scene.checks.expect
    status, found = await scene.client.call("GET", f"/api/conversations/{asked.conversation}")
    expect(status == 200 and found["active_turn"] is None, f"no turn is active: {status} {found}")
    messages = await scene.client.messages(asked.conversation)
    answers = [message for message in messages if message.get("turn_id") == asked.turn]
    if expect(len(answers) == 1, f"{len(answers)} messages of turn {asked.turn}"):
        texts = [part["text"] for part in answers[0]["parts"] if part["type"] == "text"]
        expect("".join(texts) == text_of(log), f"the message is not the log: {texts}")
        expect(answers[0]["finish_reason"] == finish_reason(log), f"{answers[0]['finish_reason']}")


async def _verify_resuming(scene: Scene, asked: Asked, log: list[Event]) -> None:
    """Whoever comes back with its last number gets the rest, or all of it after a reset."""
    last = len(asked.events)
    rest = await scene.client.log(asked.turn, last)
    if finish_reason(asked.events):
        expected, found = [], [event for event in rest if event.kind != "reset"]
        found = [] if found == log else found
    elif last < len(log):
        expected, found = log[last:], rest
    else:
        expected, found = ["reset", *log], [event.kind if event.kind == "reset" else event for event in rest]
    scene.checks.expect(found == expected, f"resumed after {last} of {len(log)}: {len(rest)} events")


async def _repeat(scene: Scene, asked: Asked) -> Asked:
    again = Asked(asked.conversation, asked.body, asked.key, asked.answer)
    await again.ask(scene.client)
    scene.checks.expect(again.turn is not None, f"a repeated request is taken: {again.refused}")
    return again


async def _verify_repeating(scene: Scene, asked: Asked, log: list[Event]) -> None:
    """The same request joins the turn, and adds nothing."""
    before = await scene.client.messages(asked.conversation)
    again = await _repeat(scene, asked)
    scene.checks.expect(again.turn == asked.turn, f"the request joins {asked.turn}, not {again.turn}")
    scene.checks.expect(again.events == log, "a repeated request reads the same log")
    after = await scene.client.messages(asked.conversation)
    scene.checks.expect(after == before, "a repeated request adds no message")


async def _verify_regenerating(scene: Scene, asked: Asked) -> None:
    """The question can be answered again, beside the answer that is there."""
    messages = await scene.client.messages(asked.conversation)
    answer = next(message for message in messages if message.get("turn_id") == asked.turn)
    # This model does not take a question for orders.
    body = {"model": "offline", "regenerate": answer["id"]}
    again = Asked(asked.conversation, body, scene.new_key(), text_of)
    await again.ask(scene.client)
    problems = log_problems(again.events)
    scene.checks.expect_none(problems, f"regenerating {asked.turn} ({again.refused})")
    scene.checks.expect(finish_reason(again.events) == "stop", f"and ends: {again.events[-1:]}")
    after = await scene.client.messages(asked.conversation)
    siblings = [message for message in after if message["parent_id"] == answer["parent_id"]]
    new = [message["turn_id"] for message in siblings if message not in messages]
    scene.checks.expect(new == [again.turn], f"one more answer beside {len(siblings)}: {new}")
