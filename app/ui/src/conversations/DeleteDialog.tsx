import { useState } from 'react';
import { flushSync } from 'react-dom';
import { describeError } from '../api/problem';
import type { Conversation } from '../api/types';
import { Dialog } from '../controls/Dialog';
import { UNTITLED } from './ConversationRow';

interface DeleteDialogProps {
  conversation: Conversation;
  onDelete: () => Promise<void>;
  onClose: () => void;
}

/** Asks whether a conversation is really to be deleted. */
export function DeleteDialog({ conversation, onDelete, onClose }: DeleteDialogProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const confirm = async () => {
    setBusy(true);
    try {
      await onDelete();
      // The row that opened the dialog is gone, and nothing outside takes the focus before the dialog is gone too.
      flushSync(onClose);
      document.getElementById('new-conversation')?.focus();
    } catch (error) {
      setBusy(false);
      setFailure(describeError(error));
    }
  };

  return (
    <Dialog title="Delete conversation?" onClose={onClose}>
      <p>
        “{conversation.title ?? UNTITLED}” and all of its messages will be deleted. This cannot be undone.
      </p>
      {failure !== null && (
        <p className="field-error" role="alert">
          {failure}
        </p>
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button button-danger" disabled={busy} onClick={() => void confirm()}>
          Delete
        </button>
      </div>
    </Dialog>
  );
}
