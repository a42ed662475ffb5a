import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_ANSWER, takeEvent, toMessage, type Answer } from './answer';
import { readTurnEvent, type NumberedEvent, type TurnEvent } from './events';

const usage = { input_tokens: 3, output_tokens: 4, cache_read_tokens: 0, cache_write_tokens: 0 };
const LOG: TurnEvent[] = [
  { type: 'turn_started', turn_id: 't', message_id: 'm', parent_id: 'u', model: 'offline' },
  { type: 'reasoning_delta', text: 'Let me ' },
  { type: 'reasoning_delta', text: 'see.' },
  { type: 'tool_call', call_id: 'k', name: 'run_code', arguments: { code: '1+1' } },
  { type: 'tool_output', call_id: 'k', stream: 'progress', text: 'starting' },
  { type: 'tool_output', call_id: 'k', stream: 'progress', text: 'started' },
  { type: 'tool_output', call_id: 'k', stream: 'stdout', text: '2' },
  { type: 'tool_output', call_id: 'k', stream: 'stdout', text: '\n' },
  { type: 'tool_result', call_id: 'k', ok: true, content: '2' },
  { type: 'text_delta', text: 'It is ' },
  { type: 'citation', index: 1, title: 'Sums', locator: null, snippet: null, document_id: null },
  { type: 'text_delta', text: 'two [1].' },
  { type: 'usage', ...usage },
  { type: 'turn_finished', finish_reason: 'stop' },
];
const numbered = LOG.map((event, index): NumberedEvent => ({ seq: index + 1, event }));
const takeAll = (events: NumberedEvent[], from: Answer = EMPTY_ANSWER) => events.reduce(takeEvent, from);

describe('an answer', () => {
  it('is what its log says', () => {
    const answer = takeAll(numbered);
    expect(answer.parts.map(({ type }) => type)).toEqual([
      'reasoning',
      'tool_call',
      'tool_result',
      'text',
      'citation',
    ]);
    expect(answer.parts[0]).toEqual({ type: 'reasoning', text: 'Let me see.' });
    expect(answer.toolOutput.k).toEqual([
      { stream: 'progress', text: 'started' },
      { stream: 'stdout', text: '2\n' },
    ]);
    expect(answer).toMatchObject({ turnId: 't', messageId: 'm', parentId: 'u', usage, finishReason: 'stop' });
  });

  it('keeps a sentence whole across a citation', () => {
    expect(takeAll(numbered).parts.find(({ type }) => type === 'text')).toEqual({
      type: 'text',
      text: 'It is two [1].',
    });
  });

  it('is the same however often parts of the log are replayed', () => {
    const whole = takeAll(numbered);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(numbered.length), fc.nat(numbered.length)), { maxLength: 6 }), breaks => {
        // Each connection begins anywhere up to what is known, and breaks off anywhere.
        let answer = EMPTY_ANSWER;
        for (const [from, to] of breaks) answer = takeAll(numbered.slice(Math.min(from, answer.seq), to), answer);
        expect(takeAll(numbered, answer)).toEqual(whole);
      }),
    );
  });

  it('forgets everything on reset, and is rebuilt from the log that follows', () => {
    const halfway = takeAll(numbered.slice(0, 10));
    const reset = takeEvent(halfway, { seq: null, event: { type: 'reset' } });
    expect(reset).toEqual(EMPTY_ANSWER);
    expect(takeAll(numbered, reset)).toEqual(takeAll(numbered));
  });

  it('does not change what was handed out before', () => {
    const before = takeAll(numbered.slice(0, 10));
    const copy = structuredClone(before);
    takeAll(numbered.slice(10), before);
    expect(before).toEqual(copy);
  });

  it('becomes a message under the ids that the server gave', () => {
    const message = toMessage(takeAll(numbered), {
      id: 'local',
      parent_id: 'local-question',
      role: 'assistant',
      parts: [],
      turn_id: null,
      finish_reason: null,
      usage: null,
      created_at: '2026-01-01T00:00:00Z',
    });
    expect(message).toMatchObject({ id: 'm', parent_id: 'u', turn_id: 't', finish_reason: 'stop', usage });
  });
});

describe('reading events', () => {
  it('ignores what a newer server may say', () => {
    expect(readTurnEvent({ event: 'hologram', data: '{}', id: '4' })).toBeNull();
    expect(readTurnEvent({ event: 'text_delta', data: 'not json', id: '4' })).toBeNull();
    expect(readTurnEvent({ event: 'text_delta', data: '"text"', id: '4' })).toBeNull();
  });

  it('takes the number from the id, and needs none for a reset', () => {
    expect(readTurnEvent({ event: 'text_delta', data: '{"text":"a"}', id: '4' })).toEqual({
      seq: 4,
      event: { type: 'text_delta', text: 'a' },
    });
    expect(readTurnEvent({ event: 'text_delta', data: '{"text":"a"}', id: null })).toBeNull();
    expect(readTurnEvent({ event: 'reset', data: '{}', id: null })?.event.type).toBe('reset');
  });
});
