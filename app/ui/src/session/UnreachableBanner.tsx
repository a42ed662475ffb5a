import { WarningIcon } from '../controls/icons';

/** Says that the server does not answer, or why it could not say who is signed in. */
export function UnreachableBanner({ detail, onRetry }: { detail?: string | null; onRetry: () => void }) {
  return (
    <div className="banner banner-error" role="alert">
      <WarningIcon />
      <p>
        {detail ?? 'The Tidewire server cannot be reached. What you write is kept; the page keeps trying to reconnect.'}
      </p>
      <button type="button" className="button button-small" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}
