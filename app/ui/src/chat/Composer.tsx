import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { ArrowUpIcon, StopIcon } from '../controls/icons';
import { readDraft, writeDraft } from './drafts';

interface ComposerProps {
  /** Whose draft it keeps. */
  draftKey: string;
  running: boolean;
  stopping: boolean;
  /** Nothing can be sent yet. */
  blocked?: boolean;
  /** A text that could not be sent and is given back. */
  returned: { text: string } | null;
  onSend: (text: string) => void;
  onStop: () => void;
  /** Arrow up in an empty field. */
  onEditLast?: () => void;
  children?: ReactNode;
}

const MAX_HEIGHT_PX = 240;

/** Where a message is written. It grows with its text and keeps a draft for each conversation. */
export function Composer({
  draftKey,
  running,
  stopping,
  blocked = false,
  returned,
  onSend,
  onStop,
  onEditLast,
  children,
}: ComposerProps) {
  const [text, setText] = useState(() => readDraft(draftKey));
  const [lastReturned, setLastReturned] = useState(returned);
  const field = useRef<HTMLTextAreaElement>(null);

  if (returned !== lastReturned) {
    setLastReturned(returned);
    // What was written meanwhile is not overwritten.
    if (returned !== null && text === '') setText(returned.text);
  }

  useEffect(() => writeDraft(draftKey, text), [draftKey, text]);

  useEffect(() => {
    // On a touch screen a focused field would raise the keyboard over the conversation.
    if (window.matchMedia('(hover: hover)').matches) field.current?.focus();
  }, []);

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, MAX_HEIGHT_PX)}px`;
    element.style.overflowY = element.scrollHeight > MAX_HEIGHT_PX ? 'auto' : 'hidden';
  }, [text]);

  const send = () => {
    const message = text.trim();
    if (message === '' || running || blocked) return;
    // Sent at once, so that a view which is left by sending does not keep it as a draft.
    writeDraft(draftKey, '');
    setText('');
    onSend(message);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // Enter while an input method composes a word ends the word, not the message.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && text === '' && onEditLast) {
      event.preventDefault();
      onEditLast();
    }
  };

  return (
    <form
      className="composer"
      aria-label="Write a message"
      onSubmit={event => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        id="composer"
        rows={1}
        aria-label="Message"
        placeholder="Ask anything"
        value={text}
        onChange={event => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="composer-row">
        <div className="composer-options">{children}</div>
        {running ? (
          <button
            type="button"
            className="round-button"
            aria-label="Stop the answer"
            title="Stop (Esc)"
            disabled={stopping}
            onClick={onStop}
          >
            <StopIcon />
          </button>
        ) : (
          <button
            type="submit"
            className="round-button"
            aria-label="Send"
            title="Send (Enter)"
            disabled={text.trim() === '' || blocked}
          >
            <ArrowUpIcon />
          </button>
        )}
      </div>
    </form>
  );
}
