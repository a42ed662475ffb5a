import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServicesProvider, createServices } from '../app/services';
import { Problem, Unreachable } from '../api/problem';
import type { Session } from '../api/types';
import { isOutdated } from './release';
import { SessionStore } from './sessionStore';
import { SignIn } from './SignIn';

const SIGNED_OUT: Session = {
  session_id: null,
  version: '0.1.0',
  instance: { host: 'a', id: 'i', started_at: '2026-01-01T00:00:00Z' },
  auth: 'key',
  signed_in: false,
  principal: null,
};
const SIGNED_IN: Session = { ...SIGNED_OUT, session_id: 's', signed_in: true, principal: { id: 'p', name: 'Ada' } };

afterEach(cleanup);

describe('signing in', () => {
  function show(signIn: (key: string) => Promise<Session>) {
    const services = createServices();
    services.session = new SessionStore({
      getSession: () => Promise.resolve(SIGNED_OUT),
      signIn,
      signOut: () => Promise.resolve(),
    });
    render(
      <ServicesProvider value={services}>
        <SignIn />
      </ServicesProvider>,
    );
    return services.session;
  }

  it('exchanges the key for a session', async () => {
    const signIn = vi.fn(() => Promise.resolve(SIGNED_IN));
    const session = show(signIn);
    await userEvent.type(screen.getByLabelText('API key'), ' tw_key {Enter}');
    expect(signIn).toHaveBeenCalledExactlyOnceWith('tw_key');
    expect(session.get().session).toEqual(SIGNED_IN);
  });

  it('says that a key is wrong, and lets another be tried', async () => {
    const signIn = vi.fn<() => Promise<Session>>(() => Promise.reject(new Problem(401, 'unauthorized', 'No', null)));
    const session = show(signIn);
    const field = screen.getByLabelText<HTMLInputElement>('API key');
    await userEvent.type(field, 'wrong{Enter}');
    expect(screen.getByRole('alert').textContent).toBe('This API key is not accepted.');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    signIn.mockResolvedValueOnce(SIGNED_IN);
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(session.get().session?.signed_in).toBe(true);
  });

  it('tells a wrong key from a server that does not answer', async () => {
    show(() => Promise.reject(new Unreachable('down')));
    await userEvent.type(screen.getByLabelText('API key'), 'key{Enter}');
    expect(screen.getByRole('alert').textContent).toBe('The server cannot be reached.');
  });

  it('asks for a key before it asks the server', async () => {
    const signIn = vi.fn(() => Promise.resolve(SIGNED_IN));
    show(signIn);
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(signIn).not.toHaveBeenCalled();
    expect(screen.getByRole('alert').textContent).toBe('Enter your API key.');
  });
});

describe('the session', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const api = (getSession: () => Promise<Session>) => ({
    getSession: vi.fn(getSession),
    signIn: () => Promise.resolve(SIGNED_IN),
    signOut: () => Promise.resolve(),
  });

  it('seeks a server that is away, and asks again when it is back', async () => {
    let up = false;
    const fake = api(() => (up ? Promise.resolve(SIGNED_IN) : Promise.reject(new Unreachable('down'))));
    const store = new SessionStore(fake);
    const stop = store.watch();
    store.setReachable(false);
    await vi.advanceTimersByTimeAsync(10_000);
    const attempts = fake.getSession.mock.calls.length;
    expect(attempts).toBeGreaterThan(2);
    expect(store.get()).toMatchObject({ session: null, reachable: false });
    up = true;
    store.setReachable(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(store.get()).toMatchObject({ session: SIGNED_IN, reachable: true, failure: null });
    stop();
    const settled = fake.getSession.mock.calls.length;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(fake.getSession.mock.calls).toHaveLength(settled);
  });

  it('is over when a request is refused, but never where nobody signs in', async () => {
    const keyed = new SessionStore(api(() => Promise.resolve(SIGNED_IN)));
    await keyed.check();
    keyed.setSignedOut();
    expect(keyed.get().session).toMatchObject({ signed_in: false, principal: null });
    const local = new SessionStore(api(() => Promise.resolve({ ...SIGNED_IN, auth: 'local' as const })));
    await local.check();
    local.setSignedOut();
    expect(local.get().session?.signed_in).toBe(true);
  });
});

describe('a page of an older release', () => {
  const storage = (value: string | null) => ({ getItem: () => value });

  it('is outdated, once for each release', () => {
    expect(isOutdated('0.2.0', '0.1.0', storage(null))).toBe(true);
    expect(isOutdated('0.2.0', '0.1.0', storage('0.2.0'))).toBe(false);
    expect(isOutdated('0.3.0', '0.1.0', storage('0.2.0'))).toBe(true);
  });

  it('is not outdated when the server is of its own release', () => {
    expect(isOutdated('0.1.0', '0.1.0', storage(null))).toBe(false);
  });
});
