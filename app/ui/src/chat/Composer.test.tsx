import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Composer } from './Composer';

const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' });

function show(change: Partial<Parameters<typeof Composer>[0]> = {}) {
  const props = {
    draftKey: 'c',
    running: false,
    stopping: false,
    returned: null,
    onSend: vi.fn(),
    onStop: vi.fn(),
    onEditLast: vi.fn(),
    ...change,
  };
  return { props, ...render(<Composer {...props} />) };
}

describe('the composer', () => {
  beforeEach(() => localStorage.clear());
  afterEach(cleanup);

  it('sends with Enter and breaks lines with Shift+Enter', async () => {
    const { props } = show();
    await userEvent.type(field(), 'one{Shift>}{Enter}{/Shift}two{Enter}');
    expect(props.onSend).toHaveBeenCalledExactlyOnceWith('one\ntwo');
    expect(field().value).toBe('');
  });

  it('sends nothing empty, and nothing while an answer runs', async () => {
    const { props, rerender } = show();
    await userEvent.type(field(), '  {Enter}');
    rerender(<Composer {...props} running />);
    await userEvent.type(field(), 'next{Enter}');
    expect(props.onSend).not.toHaveBeenCalled();
    expect(field().value).toContain('next');
    await userEvent.click(screen.getByRole('button', { name: 'Stop the answer' }));
    expect(props.onStop).toHaveBeenCalledOnce();
  });

  it('keeps a draft for each conversation', async () => {
    const first = show({ draftKey: 'a' });
    await userEvent.type(field(), 'a draft');
    first.unmount();
    const second = show({ draftKey: 'b' });
    expect(field().value).toBe('');
    second.unmount();
    show({ draftKey: 'a' });
    expect(field().value).toBe('a draft');
  });

  it('keeps no draft of what was sent', async () => {
    const first = show();
    await userEvent.type(field(), 'sent{Enter}');
    first.unmount();
    show();
    expect(field().value).toBe('');
  });

  it('takes a text back that could not be sent, but never over a newer one', async () => {
    const { props, rerender } = show();
    rerender(<Composer {...props} returned={{ text: 'refused' }} />);
    expect(field().value).toBe('refused');
    await userEvent.type(field(), '!');
    rerender(<Composer {...props} returned={{ text: 'another' }} />);
    expect(field().value).toBe('refused!');
  });

  it('edits the last message on arrow up, only from an empty field', async () => {
    const { props } = show();
    await userEvent.type(field(), '{ArrowUp}');
    expect(props.onEditLast).toHaveBeenCalledOnce();
    await userEvent.type(field(), 'x{ArrowUp}');
    expect(props.onEditLast).toHaveBeenCalledOnce();
  });
});
