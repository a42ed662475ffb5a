import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem, Unreachable } from '../api/problem';
import type { NumberedEvent } from './events';
import { SILENCE_LIMIT_MS, followTurn, type FollowOptions } from './follow';

const frame = (seq: number, type: string, data: object) =>
  `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
const STARTED = frame(1, 'turn_started', { turn_id: 't1', message_id: 'm', parent_id: 'u', model: 'x' });
const delta = (seq: number) => frame(seq, 'text_delta', { text: `${seq} ` });
const finished = (seq: number) => frame(seq, 'turn_finished', { finish_reason: 'stop' });

type End = 'close' | 'break' | 'hang';

/** A response that sends these frames and then ends, breaks, or stays silent. */
function stream(frames: string[], end: End = 'close', headers: Record<string, string> = { 'X-Turn-Id': 't1' }) {
  return (signal?: AbortSignal) => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = frames[sent++];
        if (next !== undefined) controller.enqueue(new TextEncoder().encode(next));
        else if (end === 'close') controller.close();
        else if (end === 'break') controller.error(new TypeError('network error'));
        else {
          return new Promise<void>((_, reject) => {
            signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
          });
        }
      },
    });
    return Promise.resolve(new Response(body, { headers }));
  };
}

type Connection = (signal?: AbortSignal) => Promise<Response>;
const refuse = (error: Error): Connection => () => Promise.reject(error);

function follow(connections: Connection[], options: Partial<FollowOptions> = {}) {
  const seen: NumberedEvent[] = [];
  const resumedAfter: number[] = [];
  const reconnecting: boolean[] = [];
  const waits: number[] = [];
  const next = (signal?: AbortSignal) => {
    const connection = connections.shift();
    // Final, so that a loop which never ends fails instead.
    if (!connection) return Promise.reject(new Problem(404, 'test', 'one connection too many', null));
    return connection(signal);
  };
  const done = followTurn({
    api: {
      followTurn: (_, after, signal) => {
        resumedAfter.push(after);
        return next(signal);
      },
    },
    turnId: 't1',
    onEvent: event => seen.push(event),
    onReconnecting: state => reconnecting.push(state),
    signal: new AbortController().signal,
    wait: ms => {
      waits.push(ms);
      return Promise.resolve();
    },
    ...options,
    ...(options.start ? { start: next } : {}),
  });
  return { done, seen, resumedAfter, reconnecting, waits, left: connections };
}

const seqs = (events: NumberedEvent[]) => events.map(({ seq }) => seq);

describe('following a turn', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends at turn_finished and does not connect again', async () => {
    const { done, seen, resumedAfter, reconnecting } = follow([stream([STARTED, delta(2), finished(3)], 'hang')]);
    await done;
    expect(seqs(seen)).toEqual([1, 2, 3]);
    expect(resumedAfter).toEqual([0]);
    expect(reconnecting).toEqual([]);
  });

  it('resumes after the last event that arrived, however the connection ended', async () => {
    const { done, seen, resumedAfter, reconnecting } = follow([
      stream([STARTED, delta(2)], 'break'),
      stream([delta(3)], 'close'),
      refuse(new Unreachable('down')),
      stream([delta(4), finished(5)]),
    ]);
    await done;
    expect(seqs(seen)).toEqual([1, 2, 3, 4, 5]);
    expect(resumedAfter).toEqual([0, 2, 3, 3]);
    expect(reconnecting).toEqual([true, false, true, false]);
  });

  it('waits longer after each failure, and begins anew after a success', async () => {
    const down = refuse(new Unreachable('down'));
    const { done, waits } = follow([
      down,
      down,
      down,
      stream([STARTED], 'break'),
      down,
      stream([finished(2)]),
    ]);
    await done;
    expect(waits).toEqual([250, 500, 1000, 250, 500]);
  });

  it('starts a turn once: later connections follow it', async () => {
    const named: string[] = [];
    const { done, resumedAfter, seen } = follow([stream([STARTED], 'break'), stream([delta(2), finished(3)])], {
      turnId: undefined,
      start: () => Promise.reject(new Error('replaced')),
      onTurnId: id => named.push(id),
    });
    await done;
    expect(named).toEqual(['t1']);
    expect(resumedAfter).toEqual([1]);
    expect(seqs(seen)).toEqual([1, 2, 3]);
  });

  it('starts it again, to join it, when no answer came', async () => {
    const { done, resumedAfter, seen } = follow(
      [refuse(new Unreachable('down')), refuse(new Problem(503, 'x', 'x', null)), stream([STARTED, finished(2)])],
      { turnId: undefined, start: () => Promise.reject(new Error('replaced')) },
    );
    await done;
    expect(resumedAfter).toEqual([]);
    expect(seqs(seen)).toEqual([1, 2]);
  });

  it('gives up to start one that the server refuses, or that it does not answer five times', async () => {
    const start = () => Promise.reject(new Error('replaced'));
    const refused = follow([refuse(new Problem(409, 'turn_active', 'Busy', null))], { turnId: undefined, start });
    await expect(refused.done).rejects.toMatchObject({ code: 'turn_active' });

    const down = Array.from({ length: 9 }, () => refuse(new Unreachable('down')));
    const unanswered = follow(down, { turnId: undefined, start });
    await expect(unanswered.done).rejects.toBeInstanceOf(Unreachable);
    expect(unanswered.left).toHaveLength(4);
  });

  it.each([404, 401])('gives up on %i', async status => {
    const { done, seen } = follow([
      stream([STARTED], 'break'),
      refuse(new Problem(status, 'gone', 'gone', null)),
    ]);
    await expect(done).rejects.toMatchObject({ status });
    expect(seqs(seen)).toEqual([1]);
  });

  it('does not give up on a server in trouble', async () => {
    const { done } = follow([
      ...[500, 502, 429, 403].map(status => refuse(new Problem(status, 'x', 'x', null))),
      ...Array.from({ length: 20 }, () => refuse(new Unreachable('down'))),
      stream([finished(1)]),
    ]);
    await expect(done).resolves.toBeUndefined();
  });

  it('asks from the start after a reset', async () => {
    const { done, resumedAfter } = follow([
      stream([STARTED, delta(2), delta(3)], 'break'),
      stream(['event: reset\ndata: {}\n\n', STARTED], 'break'),
      stream([delta(2), finished(3)]),
    ]);
    await done;
    expect(resumedAfter).toEqual([0, 3, 1]);
  });

  it('takes a connection for dead when not even a ping comes', async () => {
    const { done, resumedAfter } = follow([stream([STARTED, ': ping\n\n'], 'hang'), stream([finished(2)])]);
    await vi.advanceTimersByTimeAsync(SILENCE_LIMIT_MS - 1);
    expect(resumedAfter).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    await done;
    expect(resumedAfter).toEqual([0, 1]);
  });

  it('stays with a silent model while the server pings', async () => {
    let ping: () => void = () => undefined;
    const pinged: Connection = signal => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          ping = () => controller.enqueue(new TextEncoder().encode(': ping\n\n'));
          signal?.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')));
        },
      });
      return Promise.resolve(new Response(body));
    };
    const abort = new AbortController();
    const { done, resumedAfter } = follow([pinged], { signal: abort.signal });
    const outcome = expect(done).rejects.toMatchObject({ name: 'AbortError' });
    for (let elapsed = 0; elapsed < 4 * SILENCE_LIMIT_MS; elapsed += 10_000) {
      await vi.advanceTimersByTimeAsync(10_000);
      ping();
    }
    expect(resumedAfter).toEqual([0]);
    abort.abort();
    await outcome;
  });

  it('stops when it is called off, also while it waits', async () => {
    const abort = new AbortController();
    const { done } = follow([refuse(new Unreachable('down'))], { signal: abort.signal, wait: undefined });
    const outcome = expect(done).rejects.toMatchObject({ name: 'AbortError' });
    await vi.advanceTimersByTimeAsync(10);
    abort.abort();
    await outcome;
  });
});
