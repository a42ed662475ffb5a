"""What one user does, again and again, in an order of chance."""

from __future__ import annotations

import random

from harness.events import text_of
from harness.http_client import Cut
from soak.service import Place, Service

# Older conversations are deleted, so that the load is the same at the end as at the beginning.
KEPT = 4
MESSAGES_KEPT = 12

BAD_REQUESTS = (
    (400, "POST", "/api/conversations", b'{"title":'),
    (422, "POST", "/api/conversations", {"titel": "mistyped"}),
    (422, "POST", "/api/conversations", {"title": ""}),
    (422, "GET", "/api/conversations?cursor=nonsense", None),
    (422, "GET", "/api/conversations?limit=1000", None),
    (404, "GET", "/api/conversations/01a1f8ab-192f-7526-bbc2-6659b51b2c36", None),
    (404, "GET", "/api/turns/nonsense/events", None),
    (404, "GET", "/api/nothing", None),
    (405, "PUT", "/api/models", None),
    (400, "POST", "/v1/chat/completions", {"messages": []}),
    (404, "POST", "/v1/chat/completions", {"model": "none", "messages": [{"role": "user", "content": "x"}]}),
)


class User:
    """One of those that load the service."""

    def __init__(self, service: Service, seed: str):
        self.service = service
        self.rng = random.Random(seed)
        self.conversations: list[str] = []
        # How many messages were asked for in each.
        self.sizes: dict[str, int] = {}

    async def act(self) -> None:
        """Does one thing."""
        acts = (self.talk, self.leave, self.stop, self.branch, self.fail, self.browse, self.delete)
        others = (self.stream_v1, self.leave_v1, self.call_v1, self.sign_in, self.blunder)
        act = self.rng.choice((*acts, *others))
        await act(self.service.pick(self.rng))

    def _question(self, tokens: int, note: str = "") -> dict:
        gap = self.rng.choice([0, 2, 10, 20])
        return {"model": "paced", "text": f"{note} tokens={tokens} gap_ms={gap}"}

    async def _conversation(self, place: Place, is_new: bool = False) -> str:
        """One that is there, or a new one in place of the oldest.

        A question whose answer is empty is shown to the model together with the next one: what makes
        the model fail must not stand there.
        """
        if self.conversations and not is_new and self.rng.random() < 0.6:
            chosen = self.rng.choice(self.conversations)
            if self.sizes[chosen] < MESSAGES_KEPT:
                self.sizes[chosen] += 2
                return chosen
        title = {"title": f"Soak {self.rng.randrange(1000)}"}
        made = await self.service.call(place, 201, "POST", "/api/conversations", title)
        self.conversations.append(made["id"])
        self.sizes[made["id"]] = MESSAGES_KEPT if is_new else 2
        while len(self.conversations) > KEPT:
            oldest = self.conversations.pop(0)
            await self.service.call(place, 204, "DELETE", f"/api/conversations/{oldest}")
        return made["id"]

    async def talk(self, place: Place) -> None:
        """Asks and reads the whole answer."""
        tokens = self.rng.randint(1, 60)
        note = self.rng.choice(["", "", "use tool"])
        reading = await self.service.ask(place, await self._conversation(place), self._question(tokens, note))
        if reading:
            await reading.to_the_end("stop")
            said = text_of(reading.log)
            begins = "The tool said: " if note else "token0 "
            self.service.checks.expect(said.startswith(begins) or place.is_stopping, f"said {said[:80]!r}")

    async def leave(self, place: Place) -> None:
        """Reads some, leaves, and comes back, perhaps to another server."""
        reading = await self.service.ask(place, await self._conversation(place), self._question(50))
        if reading:
            for _ in range(self.rng.randint(1, 3)):
                await reading.until(len(reading.log) + self.rng.randint(0, 15))
                await reading.come_back(self.service.pick(self.rng))
            await reading.to_the_end("stop")

    async def stop(self, place: Place) -> None:
        """Stops an answer, also of a model that is silent."""
        note = self.rng.choice(["", "[[silence]]"])
        question = {"model": "paced", "text": f"{note} tokens=300 gap_ms=10"}
        reading = await self.service.ask(place, await self._conversation(place, is_new=True), question)
        if reading:
            await reading.until(self.rng.randint(1, 30))
            elsewhere = self.service.pick(self.rng)
            await self.service.call(elsewhere, 202, "POST", f"/api/turns/{reading.turn}/stop")
            await reading.to_the_end("stopped")

    async def branch(self, place: Place) -> None:
        """Regenerates an answer or edits a question."""
        conversation = await self._conversation(place)
        reading = await self.service.ask(place, conversation, {"model": "echo", "text": "one two three"})
        if not reading:
            return
        await reading.to_the_end("stop")
        answer = reading.log[0].data["message_id"]
        body = self.rng.choice(
            [
                {"model": "echo", "regenerate": answer},
                {"model": "echo", "parent_id": answer, "text": "and then"},
                {"model": "offline", "parent_id": None, "text": "How do I use Ollama?"},
            ]
        )
        reading = await self.service.ask(self.service.pick(self.rng), conversation, body)
        if reading:
            await reading.to_the_end("stop")

    async def fail(self, place: Place) -> None:
        """Asks a model that fails."""
        note = self.rng.choice(["[[cut]]", "[[garbage]]", "[[stream error]]", "[[error 500]]"])
        reading = await self.service.ask(place, await self._conversation(place, is_new=True), self._question(20, note))
        if reading:
            await reading.to_the_end("error")

    async def browse(self, place: Place) -> None:
        """Lists, searches, reads and renames."""
        call = self.service.call
        page = await call(place, 200, "GET", "/api/conversations?limit=20")
        if page["next_cursor"]:
            await call(place, 200, "GET", f"/api/conversations?limit=20&cursor={page['next_cursor']}")
        await call(place, 200, "GET", f"/api/conversations?q=soak+{self.rng.randrange(100)}")
        await call(place, 200, "GET", "/api/models")
        for conversation in self.conversations[:2]:
            path = f"/api/conversations/{conversation}"
            await call(place, 200, "GET", f"{path}/messages")
            await call(place, 200, "PATCH", path, {"title": f"Soak again {self.rng.randrange(100)}"})

    async def delete(self, place: Place) -> None:
        """Deletes a conversation while a turn runs on it: its reader is told of the end."""
        made = await self.service.call(place, 201, "POST", "/api/conversations")
        path = f"/api/conversations/{made['id']}"
        reading = await self.service.ask(place, made["id"], self._question(200))
        if reading:
            await reading.until(self.rng.randint(1, 10))
        await self.service.call(place, 204, "DELETE", path)
        if reading and not place.is_stopping:
            # The turn may have ended before.
            await reading.to_the_end("interrupted", "stop")
            codes = [event.data["code"] for event in reading.log if event.kind == "error"]
            self.service.checks.expect(codes in (["not_found"], []), f"a deletion is told as {codes}")
        await self.service.call(place, 404, "GET", path)

    def _completion(self, note: str = "") -> dict:
        tokens = self.rng.randint(1, 40)
        content = f"{note} tokens={tokens} gap_ms={self.rng.choice([0, 5, 20])}"
        return {"model": "paced", "stream": True, "messages": [{"role": "user", "content": content}]}

    async def stream_v1(self, place: Place) -> None:
        """Reads a whole stream of the OpenAI dialect."""
        self.service.requests += 1
        last = ""
        try:
            async with await place.client.open("POST", "/v1/chat/completions", self._completion()) as response:
                async for block in response.blocks():
                    last = block
        except Cut:
            if not place.is_stopping:
                raise
        is_whole = last == "data: [DONE]" or place.is_stopping
        self.service.checks.expect(is_whole, f"a /v1 stream ended with {last!r}")

    async def leave_v1(self, place: Place) -> None:
        """Disconnects in the middle of such a stream, also while the model is silent."""
        self.service.requests += 1
        seen = 0
        body = self._completion(self.rng.choice(["", "[[silence]]"]))
        wanted = self.rng.randint(0, 3)
        try:
            async with await place.client.open("POST", "/v1/chat/completions", body) as response:
                async for _ in response.blocks():
                    seen += 1
                    if seen > wanted or "[[silence]]" in str(body):
                        break
        except Cut:
            if not place.is_stopping:
                raise
        self.service.checks.expect(seen > 0 or place.is_stopping, "a /v1 stream begins")

    async def call_v1(self, place: Place) -> None:
        """Asks for an answer that is not streamed."""
        body = {**self._completion(), "stream": False}
        made = await self.service.call(place, 200, "POST", "/v1/chat/completions", body)
        said = made["choices"][0]["message"]["content"]
        self.service.checks.expect(said.startswith("token0 "), f"/v1 said {said[:80]!r}")

    async def sign_in(self, place: Place) -> None:
        """Signs in as a browser does, and out."""
        self.service.requests += 4
        key = {"key": self.service.key}
        try:
            async with await place.stranger.open("POST", "/api/session", key) as response:
                await response.body()
                cookie = response.headers.get("set-cookie", "").partition(";")[0]
            inside, _ = await place.stranger.call("GET", "/api/models", cookie=cookie)
            out, _ = await place.stranger.call("DELETE", "/api/session", cookie=cookie)
            outside, _ = await place.stranger.call("GET", "/api/models", authorization="Bearer tw_wrong")
        except Cut:
            if not place.is_stopping:
                raise
            return
        found = (inside, out, outside)
        self.service.checks.expect(found in ((200, 200, 401), (200, 204, 401)), f"signing in: {found}")

    async def blunder(self, place: Place) -> None:
        """Sends what cannot be served."""
        status, method, path, body = self.rng.choice(BAD_REQUESTS)
        await self.service.call(place, status, method, path, body)
