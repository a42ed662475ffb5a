import type { SseFrame } from '../api/sse';
import type { Citation, FinishReason, ToolArguments, Usage } from '../api/types';

/** One entry of a turn's log. */
export type TurnEvent =
  | { type: 'turn_started'; turn_id: string; message_id: string; parent_id: string | null; model: string }
  | { type: 'text_delta'; text: string }
  | { type: 'reasoning_delta'; text: string }
  | { type: 'tool_call'; call_id: string; name: string; arguments: ToolArguments }
  | { type: 'tool_output'; call_id: string; stream: 'stdout' | 'stderr' | 'progress'; text: string }
  | { type: 'tool_result'; call_id: string; ok: boolean; content: string }
  | ({ type: 'citation' } & Citation)
  | ({ type: 'usage' } & Usage)
  | { type: 'error'; code: string; message: string; retryable: boolean }
  | { type: 'turn_finished'; finish_reason: FinishReason }
  | { type: 'reset' };

/** An event with its place in the log; `seq` is `null` only for `reset`, which is no entry of it. */
export interface NumberedEvent {
  seq: number | null;
  event: TurnEvent;
}

const KNOWN = new Set<string>([
  'turn_started',
  'text_delta',
  'reasoning_delta',
  'tool_call',
  'tool_output',
  'tool_result',
  'citation',
  'usage',
  'error',
  'turn_finished',
  'reset',
] satisfies TurnEvent['type'][]);

/**
 * Reads a frame as an event of the log. `null` for what this release does not know, and for what is not JSON: a newer
 * server may say more than we understand.
 */
export function readTurnEvent(frame: SseFrame): NumberedEvent | null {
  if (!KNOWN.has(frame.event)) return null;
  let payload: unknown;
  try {
    payload = JSON.parse(frame.data);
  } catch {
    return null;
  }
  if (typeof payload !== 'object' || payload === null) return null;
  const event = { ...payload, type: frame.event } as TurnEvent;
  const seq = frame.id === null ? NaN : Number.parseInt(frame.id, 10);
  if (event.type === 'reset') return { seq: null, event };
  return Number.isSafeInteger(seq) && seq > 0 ? { seq, event } : null;
}
