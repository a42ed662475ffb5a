import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { Citation } from '../api/types';
import { CitationDialog } from './CitationDialog';

afterEach(cleanup);

function show(change: Partial<Citation>) {
  const citation = { index: 1, title: 'Models', locator: 'Bedrock › Region', snippet: null, document_id: null };
  render(<CitationDialog citation={{ ...citation, ...change }} onClose={() => undefined} />);
  return screen.getByRole('dialog', { name: 'Source 1' });
}

describe('a source', () => {
  it('shows its passage as Markdown, also where it is cut short', async () => {
    const dialog = show({ snippet: 'Set `region` to **one**:\n\n[1]\n\n```toml\nregion = "eu…' });
    expect(dialog.textContent).toContain('Bedrock › Region');
    const quote = screen.getByRole('blockquote');
    expect(quote.querySelector('p > code')?.textContent).toBe('region');
    expect(quote.querySelector('strong')?.textContent).toBe('one');
    expect(quote.querySelector('pre')?.textContent).toBe('region = "eu…');
    expect(quote.textContent).not.toMatch(/[`*]/);
    // A number in brackets is none of the answer's sources here.
    expect(quote.querySelector('.citation-marker')).toBeNull();
    expect(quote.textContent).toContain('[1]');
    // Let the highlighter arrive before the page goes.
    await screen.findByText('region = "eu…', { exact: false, selector: 'code' });
  });

  it('runs, loads and follows nothing of what a document says', () => {
    show({
      snippet: '<img src=x onerror=alert(1)> <script>alert(1)</script>\n\n[x](javascript:alert(1)) ![y](https://e.example/y)',
    });
    const quote = screen.getByRole('blockquote');
    expect(quote.querySelector('img, script')).toBeNull();
    expect(quote.textContent).toContain('<script>alert(1)</script>');
    const links = [...quote.querySelectorAll('a')].map(({ href, rel }) => [href, rel]);
    expect(links).toEqual([['https://e.example/y', 'noopener noreferrer nofollow']]);
  });

  it('is a dialog also without a place and a passage', () => {
    expect(show({ locator: null }).querySelector('.muted, blockquote')).toBeNull();
  });
});
