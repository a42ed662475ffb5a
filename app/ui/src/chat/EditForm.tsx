import { useEffect, useRef, useState, type KeyboardEvent } from 'react';

interface EditFormProps {
  text: string;
  onSend: (text: string) => void;
  onCancel: () => void;
}

/** Rewrites a question in its place. */
export function EditForm({ text, onSend, onCancel }: EditFormProps) {
  const [draft, setDraft] = useState(text);
  const field = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
    // Its buttons too, once the row has grown around it.
    const frame = requestAnimationFrame(() => element?.form?.scrollIntoView({ block: 'nearest' }));
    return () => {
      cancelAnimationFrame(frame);
    };
  }, []);

  const send = () => {
    if (draft.trim() !== '') onSend(draft.trim());
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      onCancel();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };

  return (
    <form
      className="edit-form"
      data-editing
      onSubmit={event => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        aria-label="Your message"
        rows={Math.min(10, draft.split('\n').length + 1)}
        value={draft}
        onChange={event => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="dialog-actions">
        <button type="button" className="button button-small" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" className="button button-small button-primary" disabled={draft.trim() === ''}>
          Send
        </button>
      </div>
    </form>
  );
}
