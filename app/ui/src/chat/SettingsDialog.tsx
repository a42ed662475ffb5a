import { useState, type SyntheticEvent } from 'react';
import { describeError } from '../api/problem';
import { Dialog } from '../controls/Dialog';

interface SettingsDialogProps {
  system: string;
  onSave: (system: string) => Promise<void>;
  onClose: () => void;
}

/** What is set for one conversation: its system prompt. */
export function SettingsDialog({ system, onSave, onClose }: SettingsDialogProps) {
  const [text, setText] = useState(system);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await onSave(text.trim());
      onClose();
    } catch (error) {
      setBusy(false);
      setFailure(describeError(error));
    }
  };

  return (
    <Dialog title="Conversation settings" onClose={onClose}>
      <form onSubmit={event => void submit(event)}>
        <label htmlFor="system-prompt">System prompt</label>
        <textarea
          id="system-prompt"
          rows={6}
          value={text}
          placeholder="For example: Answer briefly, and in French."
          aria-describedby="system-prompt-hint"
          onChange={event => setText(event.target.value)}
        />
        <p id="system-prompt-hint" className="muted">
          What the model is told before the conversation begins. It holds from the next answer on.
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
          <button type="submit" className="button button-primary" disabled={busy}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
