import { hashContent } from './contentHash';
import { Unreachable, readProblem } from './problem';
import type { Conversation, ConversationChange, Message, Model, Page, Session, TurnRequest } from './types';

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** What the rest of the page may want to know of every request. */
export interface ApiObserver {
  /** A request was answered (`true`), or found nobody to answer it (`false`). */
  onReachable?(reachable: boolean): void;
  /** A request was refused because nobody is signed in. */
  onSignedOut?(): void;
}

interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * The server's API. Every method throws `Problem` when the server refuses, `Unreachable` when it does not answer, and
 * an `AbortError` when its signal is aborted.
 */
export class Api {
  constructor(
    private readonly fetch: Fetch = (input, init) => globalThis.fetch(input, init),
    private readonly observer: ApiObserver = {},
  ) {}

  getSession(): Promise<Session> {
    return this.json('/api/session');
  }

  signIn(key: string): Promise<Session> {
    return this.json('/api/session', { method: 'POST', body: { key } });
  }

  async signOut(): Promise<void> {
    await this.send('/api/session', { method: 'DELETE' });
  }

  async listModels(): Promise<Model[]> {
    return (await this.json<{ items: Model[] }>('/api/models')).items;
  }

  createConversation(start: ConversationChange = {}): Promise<Conversation> {
    return this.json('/api/conversations', { method: 'POST', body: start });
  }

  listConversations(query: { limit?: number; cursor?: string | null; q?: string }, signal?: AbortSignal) {
    return this.json<Page<Conversation>>(`/api/conversations${toQuery(query)}`, { signal });
  }

  getConversation(id: string, signal?: AbortSignal): Promise<Conversation> {
    return this.json(conversationPath(id), { signal });
  }

  changeConversation(id: string, change: ConversationChange): Promise<Conversation> {
    return this.json(conversationPath(id), { method: 'PATCH', body: change });
  }

  async deleteConversation(id: string): Promise<void> {
    await this.send(conversationPath(id), { method: 'DELETE' });
  }

  listMessages(id: string, query: { limit?: number; cursor?: string | null }, signal?: AbortSignal) {
    return this.json<Page<Message>>(`${conversationPath(id)}/messages${toQuery(query)}`, { signal });
  }

  /** Starts a turn, or joins the one that the same key started; the body is its event stream. */
  startTurn(conversationId: string, request: TurnRequest, idempotencyKey: string, signal?: AbortSignal) {
    return this.send(`${conversationPath(conversationId)}/turns`, {
      method: 'POST',
      body: request,
      headers: { 'Idempotency-Key': idempotencyKey, Accept: 'text/event-stream' },
      signal,
    });
  }

  /** The event stream of a turn, from the event after number `after`. */
  followTurn(turnId: string, after: number, signal?: AbortSignal) {
    return this.send(`/api/turns/${encodeURIComponent(turnId)}/events`, {
      headers: { 'Last-Event-ID': String(after), Accept: 'text/event-stream' },
      signal,
    });
  }

  async stopTurn(turnId: string): Promise<void> {
    await this.send(`/api/turns/${encodeURIComponent(turnId)}/stop`, { method: 'POST' });
  }

  private async json<T>(path: string, options?: RequestOptions): Promise<T> {
    const response = await this.send(path, options);
    try {
      return (await response.json()) as T;
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new Unreachable('The answer broke off.', { cause: error });
    }
  }

  private async send(path: string, { method = 'GET', body, headers = {}, signal }: RequestOptions = {}) {
    const sent = new Headers({ Accept: 'application/json', ...headers });
    const init: RequestInit = { method, headers: sent, signal };
    // DELETE never has a body; the others always carry the hash of theirs, empty or not.
    if (method === 'POST' || method === 'PATCH') {
      const bytes = new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body));
      const hash = await hashContent(bytes);
      if (hash !== null) sent.set('x-amz-content-sha256', hash);
      if (body !== undefined) {
        sent.set('Content-Type', 'application/json');
        init.body = bytes;
      }
    }
    let response: Response;
    try {
      response = await this.fetch(path, init);
    } catch (error) {
      if (isAbort(error)) throw error;
      this.observer.onReachable?.(false);
      throw new Unreachable('No answer.', { cause: error });
    }
    // A gateway that answers for a dead server is not the server.
    this.observer.onReachable?.(![502, 503, 504].includes(response.status));
    if (response.ok) return response;
    if (response.status === 401 && path !== '/api/session') this.observer.onSignedOut?.();
    throw await readProblem(response);
  }
}

/** Whether an error only says that its request was called off. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function conversationPath(id: string): string {
  return `/api/conversations/${encodeURIComponent(id)}`;
}

function toQuery(values: Record<string, string | number | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  // A `+` means a space to forms alone; not all that check a signature over the query know forms.
  const text = query.toString().replaceAll('+', '%20');
  return text === '' ? '' : `?${text}`;
}
