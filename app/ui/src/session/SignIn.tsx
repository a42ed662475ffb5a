import { useState, type SyntheticEvent } from 'react';
import { useServices } from '../app/services';
import { Problem, describeError } from '../api/problem';
import { Mark } from '../controls/icons';

/** Asks for an API key. The key goes to the server once and is not kept: a cookie takes its place. */
export function SignIn() {
  const { session } = useServices();
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (busy) return;
    if (key.trim() === '') {
      setFailure('Enter your API key.');
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await session.signIn(key.trim());
    } catch (error) {
      setBusy(false);
      setFailure(
        error instanceof Problem && error.status === 401 ? 'This API key is not accepted.' : describeError(error),
      );
    }
  };

  return (
    <main className="splash">
      <form className="sign-in" onSubmit={event => void submit(event)} noValidate>
        <Mark />
        <h1>Sign in to Tidewire</h1>
        <p className="muted">Use the API key that your administrator gave you.</p>
        <label htmlFor="api-key">API key</label>
        <input
          id="api-key"
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          value={key}
          onChange={event => setKey(event.target.value)}
          aria-invalid={failure !== null}
          aria-describedby={failure === null ? undefined : 'sign-in-failure'}
        />
        {failure !== null && (
          <p id="sign-in-failure" className="field-error" role="alert">
            {failure}
          </p>
        )}
        <button type="submit" className="button button-primary" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
