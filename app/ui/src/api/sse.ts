// Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
// `EventSource` cannot POST, nor tell 404 from a broken connection, so the stream is parsed here.

export interface SseFrame {
  event: string;
  data: string;
  /** The frame's own `id:` field, `null` when it has none. */
  id: string | null;
}

export interface SseParser {
  /** Takes the next piece of the stream, cut anywhere, and returns the frames that it completes. */
  push(chunk: string): SseFrame[];
}

/** A parser for one stream. A frame that the stream's end cuts off is never returned. */
export function createSseParser(): SseParser {
  let buffer = '';
  let started = false;
  let event = '';
  let data: string[] = [];
  let id: string | null = null;

  const takeLine = (line: string, frames: SseFrame[]) => {
    if (line === '') {
      if (data.length > 0) frames.push({ event: event || 'message', data: data.join('\n'), id });
      event = '';
      data = [];
      id = null;
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment: the server's ping
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) id = value;
  };

  return {
    push(chunk) {
      const frames: SseFrame[] = [];
      buffer += chunk;
      if (!started && buffer !== '') {
        started = true;
        if (buffer.startsWith('\uFEFF')) buffer = buffer.slice(1);
      }
      let from = 0;
      for (;;) {
        const match = /\r\n|\n|\r/g;
        match.lastIndex = from;
        const found = match.exec(buffer);
        if (!found) break;
        // A lone CR at the very end may be the first half of a CRLF.
        if (found[0] === '\r' && found.index === buffer.length - 1) break;
        takeLine(buffer.slice(from, found.index), frames);
        from = match.lastIndex;
      }
      buffer = buffer.slice(from);
      return frames;
    },
  };
}

/** The frames of a response body, as they arrive. Throws what the body throws when the connection breaks. */
export async function* readSse(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => undefined,
): AsyncGenerator<SseFrame> {
  const parser = createSseParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Also tells the server that nobody reads any more, when the consumer stops early.
    await reader.cancel().catch(() => undefined);
  }
}
