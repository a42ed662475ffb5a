import type { FinishReason, Message } from '../api/types';

interface FinishNoteProps {
  message: Message;
  /** Nothing follows it yet, so that it can be continued. */
  last: boolean;
  disabled: boolean;
  onRegenerate: () => void;
  onContinue: () => void;
}

/** How an answer ended, when it did not simply end, and what can be done about it. */
export function FinishNote({ message, last, disabled, onRegenerate, onContinue }: FinishNoteProps) {
  // An answer that nobody writes any more has no reason either: its turn was lost.
  const reason = message.finish_reason ?? 'interrupted';
  const note = NOTES[reason];
  if (!note) return null;
  const explained = message.parts.some(({ type }) => type === 'error');
  return (
    <div className="finish-note" data-testid="finish-note" data-reason={reason}>
      {!(reason === 'error' && explained) && <span>{note.text}</span>}
      {last && note.canRegenerate && (
        <button type="button" className="button button-small" disabled={disabled} onClick={onRegenerate}>
          {reason === 'error' ? 'Retry' : 'Regenerate'}
        </button>
      )}
      {last && note.canContinue && (
        <button type="button" className="button button-small" disabled={disabled} onClick={onContinue}>
          Continue
        </button>
      )}
    </div>
  );
}

interface Note {
  text: string;
  canRegenerate?: boolean;
  canContinue?: boolean;
}

const NOTES: Partial<Record<FinishReason, Note>> = {
  stopped: { text: 'Stopped.', canContinue: true },
  interrupted: {
    text: 'Interrupted: the server went away while it wrote this answer.',
    canRegenerate: true,
    canContinue: true,
  },
  timeout: { text: 'The answer reached its longest duration.', canContinue: true },
  length: { text: 'The answer reached the length limit of the model.', canContinue: true },
  content_filter: { text: 'A filter of the model’s provider ended this answer.' },
  budget: { text: 'The budget for this answer is used up.' },
  error: { text: 'The answer failed.', canRegenerate: true },
};
