import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser, readSse, type SseFrame } from './sse';

/** Feeds a stream in pieces that end at these offsets. */
function parseCut(stream: string, cuts: number[]): SseFrame[] {
  const parser = createSseParser();
  const offsets = [...new Set(cuts.map(cut => cut % (stream.length + 1)))].sort((a, b) => a - b);
  const frames: SseFrame[] = [];
  let from = 0;
  for (const offset of [...offsets, stream.length]) {
    frames.push(...parser.push(stream.slice(from, offset)));
    from = offset;
  }
  return frames;
}

const line = fc.string({ unit: 'grapheme' }).map(text => text.replace(/[\r\n\0]/g, ''));
const frame = fc.record({
  event: fc.constantFrom('text_delta', 'tool_call', 'turn_finished'),
  data: fc.array(line, { minLength: 1, maxLength: 3 }).map(lines => lines.join('\n')),
  id: fc.option(fc.nat().map(String)),
});

function write({ event, data, id }: SseFrame, newline: string): string {
  const lines = [...(id === null ? [] : [`id: ${id}`]), `event: ${event}`];
  lines.push(...data.split('\n').map(text => `data: ${text}`), '', ': ping', '', '');
  // The ping between frames is a comment and completes nothing.
  return lines.slice(0, -1).join(newline) + newline;
}

describe('the SSE parser', () => {
  it('returns the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 6 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(), { maxLength: 40 }),
        (frames, newline, cuts) => {
          // A stream never ends on a bare CR, which could be half of a CRLF.
          const stream = `${frames.map(each => write(each, newline)).join('')}:end\n`;
          expect(parseCut(stream, cuts)).toEqual(frames);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('returns the same frames when the bytes are cut inside of a character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 4 }), fc.integer({ min: 1, max: 7 }), async (frames, size) => {
        const bytes = new TextEncoder().encode(frames.map(each => write(each, '\n')).join(''));
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
            controller.close();
          },
        });
        const read: SseFrame[] = [];
        for await (const each of readSse(body)) read.push(each);
        expect(read).toEqual(frames);
      }),
    );
  });

  it('never returns a frame that the end of the stream cuts off', () => {
    expect(parseCut('id: 1\nevent: text_delta\ndata: {"text":"a"}\n', [])).toEqual([]);
  });

  it('skips pings, unknown fields and a byte order mark', () => {
    expect(parseCut('\uFEFF: ping\n\nretry: 5\nevent: usage\ndata:{}\n\n', [])).toEqual([
      { event: 'usage', data: '{}', id: null },
    ]);
  });
});
