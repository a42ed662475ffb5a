"""Events of a turn, and what must hold for every log of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Event:
    """An event as it came. Without a number it is not part of the log."""

    seq: Optional[int]
    kind: str
    data: dict


def parse_event(block: str) -> Optional[Event]:
    """The event of a block; None for a comment."""
    fields = {}
    for line in block.split("\n"):
        name, _, value = line.partition(": ")
        fields[name] = value
    if "event" not in fields:
        return None
    seq = int(fields["id"]) if "id" in fields else None
    return Event(seq, fields["event"], json.loads(fields["data"]))


def text_of(log: list[Event]) -> str:
    """The text of the answer."""
    return "".join(event.data["text"] for event in log if event.kind == "text_delta")


def finish_reason(log: list[Event]) -> Optional[str]:
    """Why it ended, if it did."""
    last = log[-1] if log else None
    return last.data["finish_reason"] if last and last.kind == "turn_finished" else None


def log_problems(log: list[Event]) -> list[str]:
    """What is wrong with a log that should be whole."""
    if not log:
        return ["it is empty"]
    problems = []
    numbers = [event.seq for event in log]
    if numbers != list(range(1, len(log) + 1)):
        problems.append(f"numbered {numbers}")
    if log[0].kind != "turn_started":
        problems.append(f"it begins with {log[0]}")
    ends = [event.seq for event in log if event.kind == "turn_finished"]
    if ends != [len(log)]:
        problems.append(f"{len(log)} events, the end at {ends}")
    return problems
