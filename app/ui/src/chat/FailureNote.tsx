import { CrossIcon, WarningIcon } from '../controls/icons';

/** Says why the last action failed, until it is dismissed or another one begins. */
export function FailureNote({ text, onDismiss }: { text: string; onDismiss: () => void }) {
  return (
    <div className="banner banner-error" role="alert">
      <WarningIcon />
      <p>{text}</p>
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={onDismiss}>
        <CrossIcon />
      </button>
    </div>
  );
}
