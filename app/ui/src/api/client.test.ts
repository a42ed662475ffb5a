import { describe, expect, it, vi } from 'vitest';
import { Api, type Fetch } from './client';
import { Problem, Unreachable } from './problem';

const answer = (status: number, body: unknown) =>
  new Response(body === undefined ? null : JSON.stringify(body), { status });

function apiWith(fetch: Fetch) {
  const observer = { onReachable: vi.fn(), onSignedOut: vi.fn() };
  const spy = vi.fn(fetch);
  return { api: new Api(spy, observer), spy, observer };
}

describe('the API client', () => {
  it('sends the hash of the very bytes of a body, which CloudFront asks for', async () => {
    const { api, spy } = apiWith(() => Promise.resolve(answer(201, { id: 'c' })));
    await api.createConversation({ title: 'ä' });
    const init = spy.mock.calls[0]?.[1];
    const body = init?.body as Uint8Array<ArrayBuffer>;
    expect(new TextDecoder().decode(body)).toBe('{"title":"ä"}');
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
    const hex = Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
    expect(new Headers(init?.headers).get('x-amz-content-sha256')).toBe(hex);
  });

  it('sends the hash of nothing with a POST without a body, and no body with DELETE', async () => {
    const { api, spy } = apiWith(() => Promise.resolve(answer(204, undefined)));
    await api.stopTurn('t');
    await api.deleteConversation('c');
    const [stop, remove] = spy.mock.calls.map(([, init]) => init);
    expect(new Headers(stop?.headers).get('x-amz-content-sha256')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(remove?.body).toBeUndefined();
  });

  it('reads a problem document', async () => {
    const { api } = apiWith(() =>
      Promise.resolve(answer(409, { code: 'turn_active', detail: 'Busy.', trace_id: 'tr' })),
    );
    const error: unknown = await api.getConversation('c').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ status: 409, code: 'turn_active', message: 'Busy.', traceId: 'tr' });
  });

  it('makes a problem of an error page too', async () => {
    const { api } = apiWith(() => Promise.resolve(new Response('<h1>Bad gateway</h1>', { status: 502 })));
    await expect(api.listModels()).rejects.toMatchObject({ status: 502, code: 'http_502' });
  });

  it('tells when the server does not answer, and when it does again', async () => {
    let up = false;
    const { api, observer } = apiWith(() =>
      up ? Promise.resolve(answer(200, { items: [] })) : Promise.reject(new TypeError('Failed to fetch')),
    );
    await expect(api.listModels()).rejects.toBeInstanceOf(Unreachable);
    expect(observer.onReachable).toHaveBeenLastCalledWith(false);
    up = true;
    await api.listModels();
    expect(observer.onReachable).toHaveBeenLastCalledWith(true);
  });

  it('tells that nobody is signed in any more, but not for a wrong key', async () => {
    const { api, observer } = apiWith(() => Promise.resolve(answer(401, {})));
    await api.signIn('wrong').catch(() => undefined);
    expect(observer.onSignedOut).not.toHaveBeenCalled();
    await api.listModels().catch(() => undefined);
    expect(observer.onSignedOut).toHaveBeenCalledOnce();
  });

  it('encodes what it puts into paths and queries', async () => {
    const { api, spy } = apiWith(() => Promise.resolve(answer(200, { items: [], next_cursor: null })));
    await api.listConversations({ q: 'a&b c+d', limit: 5, cursor: null });
    await api.getConversation('../x');
    expect(spy.mock.calls.map(([path]) => path)).toEqual([
      '/api/conversations?q=a%26b%20c%2Bd&limit=5',
      '/api/conversations/..%2Fx',
    ]);
  });
});
