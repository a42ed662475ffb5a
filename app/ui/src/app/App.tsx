import { LiveRegion } from '../controls/announcer';
import { Mark } from '../controls/icons';
import { useStore } from '../controls/store';
import { SignIn } from '../session/SignIn';
import { UnreachableBanner } from '../session/UnreachableBanner';
import { useServices } from './services';
import { useSession } from './useSession';
import { Workspace } from './Workspace';

/** The page: a sign-in form where one is needed, the workspace otherwise. */
export function App() {
  useSession();
  const { session: sessionStore } = useServices();
  const { session, reachable, failure } = useStore(sessionStore);
  const retry = () => void sessionStore.check();

  return (
    <>
      <LiveRegion />
      {session === null ? (
        <main className="splash">
          {reachable && failure === null ? (
            <div className="splash-mark" role="status" aria-label="Loading Tidewire">
              <Mark />
            </div>
          ) : (
            <>
              <h1 className="sr-only">Tidewire</h1>
              <UnreachableBanner detail={reachable ? failure : null} onRetry={retry} />
            </>
          )}
        </main>
      ) : session.auth === 'key' && !session.signed_in ? (
        <SignIn />
      ) : (
        <Workspace session={session} reachable={reachable} onRetry={retry} />
      )}
    </>
  );
}
