import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Message, Part } from '../api/types';
import { AnswerBody } from './AnswerBody';
import { FinishNote } from './FinishNote';

afterEach(cleanup);
const show = (parts: Part[], streaming = false) =>
  render(<AnswerBody parts={parts} streaming={streaming} onCitation={() => undefined} />);

describe('an answer', () => {
  it('shows that it thinks while it does, and folds the thoughts away', () => {
    const { container, rerender } = show([{ type: 'reasoning', text: 'Hm.' }], true);
    expect(screen.getByText('Thinking…')).toBeTruthy();
    expect(container.querySelector('details')?.open).toBe(false);
    const parts: Part[] = [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'So.' },
    ];
    rerender(<AnswerBody parts={parts} streaming onCitation={() => undefined} />);
    expect(screen.queryByText('Thinking…')).toBeNull();
    expect(screen.getByText('Reasoning')).toBeTruthy();
  });

  it('shows a tool as running, then done or failed', () => {
    const call: Part = { type: 'tool_call', call_id: 'k', name: 'run_code', arguments: { code: 'a\nb' } };
    const { rerender } = show([call], true);
    expect(screen.getByText('Running…')).toBeTruthy();
    for (const [ok, label] of [
      [true, 'Done'],
      [false, 'Failed'],
    ] as const) {
      const parts: Part[] = [call, { type: 'tool_result', call_id: 'k', ok, content: 'out' }];
      rerender(<AnswerBody parts={parts} streaming onCitation={() => undefined} />);
      expect(screen.getByText(label)).toBeTruthy();
    }
    expect(screen.getByText(/code:\s+a\s+b/)).toBeTruthy();
    // A tool that nobody runs any more does not run for ever.
    rerender(<AnswerBody parts={[call]} streaming={false} onCitation={() => undefined} />);
    expect(screen.getByText('Not finished')).toBeTruthy();
  });

  it('lists its sources', async () => {
    const citation = { index: 2, title: 'Docs', locator: 'p. 1', snippet: 's', document_id: null };
    const open = vi.fn();
    render(<AnswerBody parts={[{ type: 'citation', ...citation }]} streaming={false} onCitation={open} />);
    await userEvent.click(screen.getByRole('button', { name: 'Source 2: Docs · p. 1' }));
    expect(open).toHaveBeenCalledWith(expect.objectContaining(citation));
  });

  it('tells the sections of one document apart, whole to those who hear or point', () => {
    const cite = (index: number, locator: string): Part => ({
      ...{ type: 'citation', index, title: 'Models', locator, snippet: null, document_id: null },
    });
    show([cite(1, 'Bedrock › Access › Region'), cite(2, 'Bedrock'), cite(3, ''), cite(4, 'Models')]);
    const chips = screen.getAllByRole('button');
    expect(chips.map(chip => chip.getAttribute('aria-label'))).toEqual([
      'Source 1: Models · Bedrock › Access › Region',
      'Source 2: Models · Bedrock',
      'Source 3: Models',
      'Source 4: Models',
    ]);
    expect(chips.map(({ title }) => title)[0]).toBe('Models · Bedrock › Access › Region');
    const shown = chips.map(chip => [...chip.querySelectorAll('span')].map(({ textContent }) => textContent));
    expect(shown).toEqual([
      ['1', 'Models', '· Bedrock › Access', '› Region'],
      ['2', 'Models', '· Bedrock'],
      ['3', 'Models'],
      ['4', 'Models'],
    ]);
  });
});

describe('the end of an answer', () => {
  const base: Message = {
    id: 'a',
    parent_id: 'u',
    role: 'assistant',
    parts: [],
    turn_id: null,
    finish_reason: 'stop',
    usage: null,
    created_at: '2026-01-01T00:00:00Z',
  };
  const end = (change: Partial<Message>, last = true) =>
    render(
      <FinishNote
        message={{ ...base, ...change }}
        last={last}
        disabled={false}
        onRegenerate={() => undefined}
        onContinue={() => undefined}
      />,
    );
  const buttons = () => screen.queryAllByRole('button').map(({ textContent }) => textContent);

  it.each([
    ['stopped', ['Continue']],
    ['interrupted', ['Regenerate', 'Continue']],
    ['timeout', ['Continue']],
    ['length', ['Continue']],
    ['error', ['Retry']],
    ['content_filter', []],
  ] as const)('%s offers %j', (finish_reason, offered) => {
    const { container } = end({ finish_reason });
    expect(container.textContent).not.toBe('');
    expect(buttons()).toEqual(offered);
  });

  it('says nothing of an answer that simply ended', () => {
    expect(end({ finish_reason: 'stop' }).container.textContent).toBe('');
  });

  it('takes an answer that nobody writes for an interrupted one', () => {
    end({ finish_reason: null });
    expect(buttons()).toEqual(['Regenerate', 'Continue']);
  });

  it('offers nothing once the conversation has gone on', () => {
    end({ finish_reason: 'interrupted' }, false);
    expect(buttons()).toEqual([]);
  });
});
