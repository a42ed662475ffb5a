import { describe, expect, it } from 'vitest';
import { toSections } from './sections';

describe('the sections of a message', () => {
  it('put a result to its call, and leave citations to the sources', () => {
    expect(
      toSections([
        { type: 'text', text: 'One' },
        { type: 'citation', index: 1, title: 't', locator: null, snippet: null, document_id: null },
        { type: 'text', text: ' two' },
        { type: 'tool_call', call_id: 'a', name: 'x', arguments: {} },
        { type: 'tool_call', call_id: 'b', name: 'y', arguments: {} },
        { type: 'tool_result', call_id: 'b', ok: false, content: 'no' },
      ]),
    ).toEqual([
      { kind: 'text', text: 'One two' },
      { kind: 'tool', callId: 'a', name: 'x', arguments: {}, result: null },
      { kind: 'tool', callId: 'b', name: 'y', arguments: {}, result: { ok: false, content: 'no' } },
    ]);
  });

  it('do not change the parts they are made of', () => {
    const parts = [
      { type: 'text', text: 'One' },
      { type: 'text', text: ' two' },
    ] as const;
    toSections(parts);
    expect(parts[0].text).toBe('One');
  });
});
