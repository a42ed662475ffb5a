import { useEffect, useRef } from 'react';
import { useStore } from '../controls/store';
import { isOutdated, reloadFor } from '../session/release';
import { followHistory } from './route';
import { useServices } from './services';

const IDLE_CHECK_MS = 1_000;

/** Keeps the session current, and with it all that depends on who is signed in and on which release serves. */
export function useSession(): void {
  const { api, session: sessionStore, conversations, chats, models } = useServices();
  const { session, reachable } = useStore(sessionStore);
  const signedIn = session !== null && (session.auth === 'local' || session.signed_in);
  const version = session?.version;

  useEffect(followHistory, []);
  useEffect(() => sessionStore.watch(), [sessionStore]);

  // Loads what the workspace needs, once somebody is in, and again when the server was away.
  const wasReachable = useRef(reachable);
  useEffect(() => {
    const cameBack = reachable && !wasReachable.current;
    wasReachable.current = reachable;
    if (!signedIn || !reachable) return;
    if (cameBack && models.get().length > 0) {
      void conversations.load();
      return;
    }
    void conversations.load();
    api.listModels().then(
      items => models.set(items),
      () => undefined, // Without a list the server's own choice is used; the next session loads it.
    );
  }, [signedIn, reachable, api, conversations, models]);

  // A page of another release reloads as soon as it interrupts nothing; what is being written is kept as a draft.
  useEffect(() => {
    if (version === undefined || !isOutdated(version)) return;
    const timer = setInterval(() => {
      if (chats.busy || document.querySelector('dialog[open], [data-editing]')) return;
      clearInterval(timer);
      reloadFor(version);
    }, IDLE_CHECK_MS);
    return () => clearInterval(timer);
  }, [version, chats]);
}
