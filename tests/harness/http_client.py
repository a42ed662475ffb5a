"""HTTP/1.1 on asyncio: a connection for each request, and a death of the server is told at once."""

from __future__ import annotations

import asyncio
import json
from typing import Any, AsyncIterator, Optional

from harness.events import Event, parse_event

# The longest that a response may take as a whole. Nothing that is asked takes a third of it.
DEADLINE_SECONDS = 60


class Cut(Exception):
    """The connection broke before the response was whole, or was refused."""


class Hung(Exception):
    """The response did not come to its end."""


class Response:
    """The head of a response, and its body as it comes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._reader = reader
        self._writer = writer
        self._is_late = False
        self._alarm = asyncio.get_running_loop().call_later(DEADLINE_SECONDS, self._expire)
        self.status = 0
        self.headers: dict[str, str] = {}

    def _expire(self) -> None:
        self._is_late = True
        self._writer.transport.abort()

    def _broken(self, cause: Exception) -> Exception:
        return Hung(f"no end after {DEADLINE_SECONDS} s") if self._is_late else Cut(repr(cause))

    async def __aenter__(self) -> Response:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leaves, whether all was read or not."""
        self._alarm.cancel()
        self._writer.transport.abort()

    async def read_head(self) -> None:
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, OSError) as error:
            raise self._broken(error) from None
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        self.status = int(first.split(" ")[1])
        for line in lines:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body, in the pieces in which it comes."""
        read = self._reader
        try:
            if self.headers.get("transfer-encoding") == "chunked":
                while True:
                    size = int(await read.readuntil(b"\r\n"), 16)
                    piece = (await read.readexactly(size + 2))[:-2]
                    if not piece:
                        break
                    yield piece
            else:
                length = int(self.headers.get("content-length", 0))
                if length:
                    yield await read.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise self._broken(error) from None

    async def body(self) -> bytes:
        """All of the body."""
        return b"".join([piece async for piece in self.pieces()])

    async def blocks(self) -> AsyncIterator[str]:
        """The blocks of an event stream: what stands between empty lines."""
        pending = b""
        async for piece in self.pieces():
            *blocks, pending = (pending + piece).split(b"\n\n")
            for block in blocks:
                yield block.decode()

    async def events(self) -> AsyncIterator[Event]:
        """The events of a native stream."""
        async for block in self.blocks():
            event = parse_event(block)
            if event:
                yield event


class Client:
    """A client of one server, with a key or a cookie or neither."""

    def __init__(self, address: str, **headers: str):
        self.address = address
        self.headers = headers

    async def open(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Sends a request and reads the head of its response. Bytes are sent as they are."""
        host, _, port = self.address.partition(":")
        try:
            reader, writer = await asyncio.open_connection(host, int(port))
        except OSError as error:
            raise Cut(repr(error)) from None
        response = Response(reader, writer)
        try:
            writer.write(self._request(method, path, body, headers))
            await response.read_head()
        except BaseException:
            response.close()
            raise
        return response

    def _request(self, method: str, path: str, body: Any, headers: dict[str, str]) -> bytes:
        sent = {"host": self.address, "connection": "close", **self.headers, **headers}
        content = b""
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent = {"content_type": "application/json", **sent, "content_length": str(len(content))}
        lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in sent.items()]
        return f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + content

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """The status and the JSON of a response."""
        async with await self.open(method, path, body, **headers) as response:
            content = await response.body()
        is_json = "json" in response.headers.get("content-type", "")
        return response.status, json.loads(content) if is_json else None

    async def conversation(self, **fields: Optional[str]) -> str:
        """The id of a new conversation."""
        status, made = await self.call("POST", "/api/conversations", fields)
        if status != 201:
            raise AssertionError(f"POST /api/conversations: {status} {made}")
        return made["id"]

    async def log(self, turn: str, after: int = 0) -> list[Event]:
        """The events of a turn up to its end."""
        path = f"/api/turns/{turn}/events"
        async with await self.open("GET", path, last_event_id=str(after)) as response:
            if response.status != 200:
                raise AssertionError(f"GET {path}: {response.status}")
            return [event async for event in response.events()]

    async def messages(self, conversation: str) -> list[dict]:
        """The messages of a conversation, newest first, as far as one page goes."""
        path = f"/api/conversations/{conversation}/messages?limit=200"
        status, page = await self.call("GET", path)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {page}")
        return page["items"]
