import { useState, type SyntheticEvent } from 'react';
import { describeError } from '../api/problem';
import type { Conversation } from '../api/types';
import { Dialog } from '../controls/Dialog';

interface RenameDialogProps {
  conversation: Conversation;
  onRename: (title: string) => Promise<void>;
  onClose: () => void;
}

/** Asks for a conversation's title. */
export function RenameDialog({ conversation, onRename, onClose }: RenameDialogProps) {
  const [title, setTitle] = useState(conversation.title ?? '');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (title.trim() === '' || busy) return;
    setBusy(true);
    try {
      await onRename(title.trim());
      onClose();
    } catch (error) {
      setBusy(false);
      setFailure(describeError(error));
    }
  };

  return (
    <Dialog title="Rename conversation" onClose={onClose}>
      <form onSubmit={event => void submit(event)}>
        <label htmlFor="conversation-title">Title</label>
        <input id="conversation-title" data-autofocus value={title} onChange={event => setTitle(event.target.value)} />
        {failure !== null && (
          <p className="field-error" role="alert">
            {failure}
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={busy || title.trim() === ''}>
            Rename
          </button>
        </div>
      </form>
    </Dialog>
  );
}
