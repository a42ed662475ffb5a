import { useState } from 'react';
import { useServices } from '../app/services';
import type { Session } from '../api/types';
import { clearDrafts } from '../chat/drafts';
import { InfoIcon } from '../controls/icons';
import { ThemeChoice } from '../theme/ThemeChoice';
import { AboutDialog } from './AboutDialog';

/** The foot of the sidebar: the serving instance, release and session, the theme, and the way out. */
export function SessionFooter({ session }: { session: Session }) {
  const { session: sessionStore } = useServices();
  const [aboutOpen, setAboutOpen] = useState(false);

  const signOut = async () => {
    await sessionStore.signOut();
    clearDrafts();
    // Nothing of the one who left stays in memory.
    location.assign('/');
  };

  return (
    <footer className="session">
      <div className="session-row">
        <button
          type="button"
          className="session-about"
          onClick={() => setAboutOpen(true)}
        >
          <InfoIcon />
          <span className="sr-only">About this session:</span>
          <span data-testid="session-instance">
            v{session.version} on {session.instance.host}
          </span>
        </button>
        <ThemeChoice />
      </div>
      {/* On a line of its own, outside of the button: whole, and to be selected. */}
      <p className="session-id" title="Session" data-testid="session-id">
        {session.session_id ?? 'no session'}
      </p>
      {session.auth === 'key' && (
        <div className="session-row">
          <span className="session-name">{session.principal?.name}</span>
          <button type="button" className="button button-small" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      )}
      {aboutOpen && <AboutDialog session={session} onClose={() => setAboutOpen(false)} />}
    </footer>
  );
}
