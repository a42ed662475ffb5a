"""A turn as its client saw it until the server died."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Optional

from harness.events import Event
from harness.http_client import Client, Cut

# Gets the number of events seen so far: 0 when the head of the response has come.
Watch = Callable[[int], None]


@dataclass
class Asked:
    """A request for a turn, and all that came of it."""

    conversation: str
    body: dict
    key: str
    # The whole answer of the model, given the log where it depends on that.
    answer: Callable[[list[Event]], str]
    # How fast the model speaks at most; None where nothing holds it back.
    bytes_per_second: Optional[float] = None
    # How it may have ended by itself.
    ends: tuple[str, ...] = ("stop",)
    turn: Optional[str] = None
    events: list[Event] = field(default_factory=list)
    # How many of its events were seen in the store.
    stored_events: int = 0
    # The status with which it was refused.
    refused: Optional[int] = None

    async def ask(self, client: Client, watch: Watch = lambda _: None) -> None:
        """Sends it and reads until the end or until the connection breaks."""
        path = f"/api/conversations/{self.conversation}/turns"
        try:
            response = await client.open("POST", path, self.body, idempotency_key=self.key)
        except Cut:
            return
        async with response:
            if response.status != 200:
                self.refused = response.status
                return
            self.turn = response.headers["x-turn-id"]
            watch(0)
            try:
                async for event in response.events():
                    self.events.append(event)
                    watch(len(self.events))
            except Cut:
                pass


def paced(conversation: str, key: str, tokens: int, gap_ms: int, note: str = "", **body: str) -> Asked:
    """A turn whose model says `tokens` words, one every `gap_ms` milliseconds."""
    text = "".join(f"token{number} " for number in range(tokens))
    question = f"{note} tokens={tokens} gap_ms={gap_ms}"
    if "regenerate" not in body:
        body["text"] = question
    rate = len(text) / tokens * 1000 / gap_ms if gap_ms else None
    return Asked(conversation, {"model": "paced", **body}, key, lambda _: text, rate)


def echo(conversation: str, key: str, text: str) -> Asked:
    """A turn whose model says `text` as fast as it can."""
    return Asked(conversation, {"model": "echo", "text": text}, key, lambda _: text)


def with_tool(conversation: str, key: str, gap_ms: int) -> Asked:
    """A turn with a round of tools, whose model then repeats what the tool said."""

    def answer(log: list[Event]) -> str:
        results = [event.data["content"] for event in log if event.kind == "tool_result"]
        return f"The tool said: {results[0]}" if results else ""

    body = {"model": "paced", "text": f"use tool gap_ms={gap_ms}"}
    return Asked(conversation, body, key, answer)
