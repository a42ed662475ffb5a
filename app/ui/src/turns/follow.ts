import type { Api } from '../api/client';
import { Problem, isTransient } from '../api/problem';
import { readSse } from '../api/sse';
import { readTurnEvent, type NumberedEvent } from './events';

/** The server pings after 10 s of silence; a connection that is silent for much longer is dead. */
export const SILENCE_LIMIT_MS = 35_000;
const BACKOFF_MS = [250, 500, 1_000, 2_000, 4_000];
/** Once a turn is known it is followed for as long as it takes; to start one is given up after these many attempts. */
const START_ATTEMPTS = 5;

export interface FollowOptions {
  api: Pick<Api, 'followTurn'>;
  /** Opens the first stream of a turn that is not started yet. Repeated calls must join the same turn. */
  start?: (signal: AbortSignal) => Promise<Response>;
  /** The turn to follow, when it is known. */
  turnId?: string;
  onTurnId?: (turnId: string) => void;
  onEvent: (event: NumberedEvent) => void;
  /** `true` while the stream is lost and being sought again. */
  onReconnecting?: (reconnecting: boolean) => void;
  signal: AbortSignal;
  /** Waits; injected so that tests own the clock. Must reject when the signal is aborted. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Reads a turn's log to its `turn_finished`, over as many connections as that takes: each new one asks for what follows
 * the last event that arrived. Throws `Problem` when the turn is gone (404) or nobody is signed in (401), when the
 * server refuses to start it, and an `AbortError` when called off.
 */
export async function followTurn(options: FollowOptions): Promise<void> {
  const { api, start, onEvent, signal } = options;
  const wait = options.wait ?? waitFor;
  let turnId = options.turnId ?? null;
  let lastSeq = 0;
  let failures = 0;
  let reconnecting = false;

  const setReconnecting = (next: boolean) => {
    if (next === reconnecting) return;
    reconnecting = next;
    options.onReconnecting?.(next);
  };

  for (;;) {
    const connection = new AbortController();
    const callOff = () => connection.abort();
    signal.addEventListener('abort', callOff);
    const watchdog = createWatchdog(callOff);
    try {
      signal.throwIfAborted();
      watchdog.feed();
      const response = await open(connection.signal);
      const named = response.headers.get('x-turn-id');
      if (named !== null && named !== turnId) {
        turnId = named;
        options.onTurnId?.(named);
      }
      if (!response.body) throw new TypeError('The response has no body.');
      for await (const frame of readSse(response.body, watchdog.feed)) {
        const numbered = readTurnEvent(frame);
        if (!numbered) continue;
        failures = 0;
        setReconnecting(false);
        lastSeq = numbered.seq === null ? 0 : Math.max(lastSeq, numbered.seq);
        if (numbered.event.type === 'turn_started' && turnId === null) {
          turnId = numbered.event.turn_id;
          options.onTurnId?.(turnId);
        }
        onEvent(numbered);
        if (numbered.event.type === 'turn_finished') return;
      }
      // The stream ended, but the turn did not: fall through to the next connection.
    } catch (error) {
      if (signal.aborted) throw abortError();
      if (isFinal(error)) throw error;
      if (turnId === null && failures + 1 >= START_ATTEMPTS) throw error;
    } finally {
      watchdog.stop();
      signal.removeEventListener('abort', callOff);
      connection.abort();
    }
    setReconnecting(true);
    await wait(BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 0, signal);
    failures += 1;
  }

  function open(connectionSignal: AbortSignal): Promise<Response> {
    if (turnId !== null) return api.followTurn(turnId, lastSeq, connectionSignal);
    if (start) return start(connectionSignal);
    throw new Error('followTurn needs a turn, or a way to start one');
  }

  /** Whether trying again is of no use. A known turn is given up only when it is gone, or is not ours to read. */
  function isFinal(error: unknown): boolean {
    if (!(error instanceof Problem)) return false;
    return turnId === null ? !isTransient(error) : error.status === 404 || error.status === 401;
  }
}

function createWatchdog(onSilence: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    feed: () => {
      clearTimeout(timer);
      timer = setTimeout(onSilence, SILENCE_LIMIT_MS);
    },
    stop: () => clearTimeout(timer),
  };
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const callOff = () => {
      clearTimeout(timer);
      reject(abortError());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', callOff);
      resolve();
    }, ms);
    signal.addEventListener('abort', callOff, { once: true });
    if (signal.aborted) callOff();
  });
}

function abortError(): Error {
  return new DOMException('The turn is no longer followed.', 'AbortError');
}

