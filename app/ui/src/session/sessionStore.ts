import type { Api } from '../api/client';
import { describeError } from '../api/problem';
import type { Session } from '../api/types';
import { createStore } from '../controls/store';

export interface SessionState {
  /** `null` until the server answered for the first time. */
  session: Session | null;
  /** Whether the last request found the server. */
  reachable: boolean;
  /** Why the session could not be read, other than for an unreachable server. */
  failure: string | null;
}

const RETRY_MS = 3_000;
/** How often an open page asks which release serves it, and whether it still is signed in. */
const CHECK_MS = 60_000;

/** Who is signed in, which release and instance answers, and whether it answers at all. */
export class SessionStore {
  private readonly store = createStore<SessionState>({ session: null, reachable: true, failure: null });
  private timer: ReturnType<typeof setTimeout> | undefined;

  readonly get = this.store.get;
  readonly subscribe = this.store.subscribe;

  constructor(private readonly api: Pick<Api, 'getSession' | 'signIn' | 'signOut'>) {}

  /** Asks the server now, and again from time to time until the returned function is called. */
  watch(): () => void {
    const checkNow = () => {
      if (document.visibilityState === 'visible') void this.check();
    };
    void this.check();
    document.addEventListener('visibilitychange', checkNow);
    window.addEventListener('online', checkNow);
    return () => {
      clearTimeout(this.timer);
      document.removeEventListener('visibilitychange', checkNow);
      window.removeEventListener('online', checkNow);
    };
  }

  async check(): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.update({ session: await this.api.getSession(), failure: null });
    } catch (error) {
      // `setReachable` has said it already when nobody answers.
      this.update({ failure: describeError(error) });
    }
    clearTimeout(this.timer);
    const { reachable, failure } = this.get();
    this.timer = setTimeout(() => void this.check(), reachable && failure === null ? CHECK_MS : RETRY_MS);
  }

  /** Exchanges an API key for a session cookie. Throws `Problem` when the key is wrong. */
  async signIn(key: string): Promise<void> {
    this.update({ session: await this.api.signIn(key), failure: null });
  }

  async signOut(): Promise<void> {
    await this.api.signOut();
    this.setSignedOut();
  }

  /** A request was refused for want of a session: the cookie has expired, or was revoked. */
  setSignedOut(): void {
    const { session } = this.get();
    if (session?.auth === 'key') this.update({ session: { ...session, signed_in: false, principal: null } });
  }

  setReachable(reachable: boolean): void {
    if (reachable === this.get().reachable) return;
    this.update({ reachable });
    // Seek it at once and keep seeking; a page that found it again asks what it missed.
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(), reachable ? 0 : RETRY_MS);
  }

  private update(change: Partial<SessionState>): void {
    this.store.set({ ...this.get(), ...change });
  }
}
