import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBlockSplitter } from './blocks';

const SAMPLE = `# Title

Some *text*
over two lines

- a list

  with a paragraph
- and more

\`\`\`js
const x = 1;

# no heading
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

1. one
2. two

    indented

> quote
lazy

### Deep

Setext
======
end`;

const sources = (text: string) =>
  createBlockSplitter()
    .split(text)
    .map(({ source }) => source);

describe('splitting a text that grows', () => {
  it('finds the same blocks as in the whole text, whatever the steps it grew by', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 80 }), steps => {
        const splitter = createBlockSplitter();
        let at = 0;
        for (const step of steps) {
          at = Math.min(SAMPLE.length, at + step);
          splitter.split(SAMPLE.slice(0, at));
        }
        expect(splitter.split(SAMPLE)).toEqual(createBlockSplitter().split(SAMPLE));
      }),
    );
  });

  it('loses nothing of the text', () => {
    expect(sources(SAMPLE).join('')).toBe(SAMPLE);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('# ', '- ', '```\n', '\n', 'word ', '    ', '> ', '|a|', '|-|', '1. ', '<b>')),
        pieces => {
          const text = pieces.join('');
          // What is only white space renders nothing.
          expect(sources(text).join('').trim()).toBe(text.trim());
        },
      ),
    );
  });

  it('keeps the blocks before the last one as they are', () => {
    const splitter = createBlockSplitter();
    const before = splitter.split('First.\n\nSecond');
    const after = splitter.split('First.\n\nSecond grows.\n\nThird');
    expect(after).toHaveLength(3);
    expect(after[0]).toBe(before[0]);
  });

  it('keeps a list with blank lines, and an unclosed fence, in one piece', () => {
    expect(sources('1. a\n\n2. b\n\n3. c')).toHaveLength(1);
    expect(sources('text\n\n```js\na\n\nb\n\n# c')).toHaveLength(2);
  });

  it('takes a text with definitions as one, since they hold for all of it', () => {
    expect(sources('See [it][1].\n\nMore.\n\n[1]: https://example.com')).toHaveLength(1);
    expect(sources('Note[^1].\n\nMore.\n\n[^1]: Foot')).toHaveLength(1);
  });

  it('starts anew when the text is another one', () => {
    const splitter = createBlockSplitter();
    splitter.split('One.\n\nTwo.');
    expect(splitter.split('Other.').map(({ source }) => source)).toEqual(['Other.']);
    expect(splitter.split('')).toEqual([]);
  });

  it('gives headings levels below that of the message, without gaps', () => {
    const levels = createBlockSplitter()
      .split('## A\n\n#### B\n\n###### C\n\n#### D\n\n# E')
      .map(({ headingLevel }) => headingLevel);
    expect(levels).toEqual([3, 4, 5, 4, 3]);
  });
});
