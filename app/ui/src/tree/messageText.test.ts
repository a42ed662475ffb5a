import { expect, it } from 'vitest';
import { citationsOf, textOf } from './messageText';

const cite = (index: number, title: string) =>
  ({ type: 'citation', index, title, locator: null, snippet: null, document_id: null }) as const;

it('copies the text alone, with paragraphs where a tool stood between', () => {
  expect(
    textOf({
      parts: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'One' },
        cite(1, 'a'),
        { type: 'text', text: ' sentence.' },
        { type: 'tool_call', call_id: 'k', name: 'run_code', arguments: {} },
        { type: 'tool_result', call_id: 'k', ok: true, content: 'secret' },
        { type: 'text', text: 'Another.' },
      ],
    }),
  ).toBe('One sentence.\n\nAnother.');
});

it('lists each source once, in the order of its number', () => {
  expect(citationsOf([cite(2, 'b'), cite(1, 'a'), cite(2, 'again')]).map(({ title }) => title)).toEqual(['a', 'b']);
});
