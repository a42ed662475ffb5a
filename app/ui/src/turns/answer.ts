import type { FinishReason, Message, Part, Usage } from '../api/types';
import type { NumberedEvent, TurnEvent } from './events';

export interface ToolOutput {
  stream: 'stdout' | 'stderr' | 'progress';
  text: string;
}

/** What a turn's log, read so far, amounts to. */
export interface Answer {
  /** The number of the last event that was taken in; 0 before the first. */
  seq: number;
  turnId: string | null;
  messageId: string | null;
  parentId: string | null;
  model: string | null;
  parts: Part[];
  /** What running tools wrote, by call. It is shown while they run and is no part of the stored message. */
  toolOutput: Record<string, ToolOutput[]>;
  usage: Usage | null;
  finishReason: FinishReason | null;
}

export const EMPTY_ANSWER: Answer = {
  seq: 0,
  turnId: null,
  messageId: null,
  parentId: null,
  model: null,
  parts: [],
  toolOutput: {},
  usage: null,
  finishReason: null,
};

/**
 * Takes one event in. Events that were taken in before (a replay after a reconnect) change nothing; `reset` forgets
 * everything, since the log follows from its start.
 */
export function takeEvent(answer: Answer, { seq, event }: NumberedEvent): Answer {
  if (event.type === 'reset') return EMPTY_ANSWER;
  if (seq === null || seq <= answer.seq) return answer;
  return { ...answer, ...applyEvent(answer, event), seq };
}

function applyEvent(answer: Answer, event: Exclude<TurnEvent, { type: 'reset' }>): Partial<Answer> {
  switch (event.type) {
    case 'turn_started':
      return {
        turnId: event.turn_id,
        messageId: event.message_id,
        parentId: event.parent_id,
        model: event.model,
      };
    case 'text_delta':
      return { parts: appendText(answer.parts, 'text', event.text) };
    case 'reasoning_delta':
      return { parts: appendText(answer.parts, 'reasoning', event.text) };
    case 'tool_call':
    case 'tool_result':
    case 'citation':
    case 'error':
      return { parts: [...answer.parts, event] };
    case 'tool_output':
      return {
        toolOutput: {
          ...answer.toolOutput,
          [event.call_id]: appendOutput(answer.toolOutput[event.call_id] ?? [], event),
        },
      };
    case 'usage': {
      const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = event;
      return { usage: { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } };
    }
    case 'turn_finished':
      return { finishReason: event.finish_reason };
  }
}

/** Continues the last part of this type. A citation in between does not break a sentence in two. */
function appendText(parts: Part[], type: 'text' | 'reasoning', text: string): Part[] {
  const index = parts.findLastIndex(part => part.type !== 'citation');
  const last = parts[index];
  if (last?.type !== type) return [...parts, { type, text }];
  const next = parts.slice();
  next[index] = { type, text: last.text + text };
  return next;
}

function appendOutput(output: ToolOutput[], { stream, text }: ToolOutput): ToolOutput[] {
  const last = output.at(-1);
  // Progress replaces itself; what a program prints accumulates.
  if (last?.stream !== stream) return [...output, { stream, text }];
  return [...output.slice(0, -1), { stream, text: stream === 'progress' ? text : last.text + text }];
}

/** The message that an answer amounts to, as the server would list it. `base` is what is known of it already. */
export function toMessage(answer: Answer, base: Message): Message {
  return {
    ...base,
    id: answer.messageId ?? base.id,
    parent_id: answer.parentId ?? base.parent_id,
    turn_id: answer.turnId ?? base.turn_id,
    parts: answer.parts,
    usage: answer.usage ?? base.usage,
    finish_reason: answer.finishReason,
  };
}
