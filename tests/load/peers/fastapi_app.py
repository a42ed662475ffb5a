"""The peer: a FastAPI app that streams N tokens, GAP milliseconds apart, as server-sent events."""

import asyncio

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse

app = FastAPI()


async def tokens(count: int, gap_ms: int):
    loop = asyncio.get_running_loop()
    began = loop.time()
    for index in range(count):
        if gap_ms:
            wait = began + gap_ms / 1000 * index - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
        else:
            await asyncio.sleep(0)
        yield f'id: {index}\nevent: text_delta\ndata: {{"text":" token"}}\n\n'
    yield 'event: turn_finished\ndata: {"finish_reason":"stop"}\n\n'


@app.get("/readyz", response_class=PlainTextResponse)
async def readyz() -> str:
    return "ready"


@app.get("/events")
async def events(count: int = 200, gap_ms: int = 0):
    return StreamingResponse(tokens(count, gap_ms), media_type="text/event-stream")
