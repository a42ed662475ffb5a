import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../api/problem';
import type { Conversation, Message, Part, TurnRequest } from '../api/types';
import { textOf } from '../tree/messageText';
import { ChatStore, type ChatApi } from './chatStore';
import { ChatStores } from './chatStores';

const TIME = '2026-01-01T00:00:00Z';
const text = (value: string): Part[] => [{ type: 'text', text: value }];

function conversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: 'c',
    title: 'A title',
    model: null,
    system: null,
    active_turn: null,
    created_at: TIME,
    updated_at: TIME,
    ...change,
  };
}

function message(id: string, parent_id: string | null, role: Message['role'], change: Partial<Message> = {}): Message {
  return {
    id,
    parent_id,
    role,
    parts: text(id),
    turn_id: null,
    finish_reason: 'stop',
    usage: null,
    created_at: TIME,
    ...change,
  };
}

/** A stream that the test writes. */
function createStream(turnId: string) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let seq = 0;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  return {
    response: new Response(body, { headers: { 'X-Turn-Id': turnId } }),
    send(type: string, data: object) {
      seq += 1;
      const frame = `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
      controller?.enqueue(new TextEncoder().encode(frame));
    },
  };
}

/** A server whose conversation is `stored`, and which answers turns with `streams`. */
function createServer(stored: Message[] = [], now: Conversation = conversation()) {
  const server = {
    stored,
    conversation: now,
    streams: [] as ReturnType<typeof createStream>[],
    requests: [] as TurnRequest[],
    keys: [] as string[],
    stopped: [] as string[],
    followed: [] as string[],
    refusal: null as Problem | null,
  };
  const open = (turnId = `t${server.streams.length + 1}`) => {
    const stream = createStream(turnId);
    server.streams.push(stream);
    return Promise.resolve(stream.response);
  };
  const api: ChatApi = {
    getConversation: () => Promise.resolve(server.conversation),
    changeConversation: (_, change) => {
      server.conversation = { ...server.conversation, ...change };
      return Promise.resolve(server.conversation);
    },
    listMessages: (_, { limit = 50, cursor }) => {
      const newestFirst = [...server.stored].reverse();
      const from = Number(cursor ?? 0);
      const end = from + limit;
      return Promise.resolve({
        items: newestFirst.slice(from, end),
        next_cursor: end < newestFirst.length ? String(end) : null,
      });
    },
    startTurn: (_, request, key) => {
      server.requests.push(request);
      server.keys.push(key);
      return server.refusal ? Promise.reject(server.refusal) : open();
    },
    followTurn: turnId => {
      server.followed.push(turnId);
      return open(turnId);
    },
    stopTurn: turnId => {
      server.stopped.push(turnId);
      return Promise.resolve();
    },
  };
  return { server, api, latest: () => vi.waitUntil(() => server.streams.at(-1)) };
}

const started = (message_id: string, parent_id: string, turn_id = 't1') => ({
  turn_id,
  message_id,
  parent_id,
  model: 'offline',
});
const shown = (chat: ChatStore) => chat.get().path.map(({ message: each }) => `${each.id}: ${textOf(each)}`);
const idle = (chat: ChatStore) => vi.waitUntil(() => chat.get().turn === null);

describe('an open conversation', () => {
  beforeEach(() => {
    vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => {
      queueMicrotask(() => callback(0));
      return 1;
    });
  });

  it('shows a question at once, and its answer under the ids of the server', async () => {
    const { server, api, latest } = createServer();
    const chat = new ChatStore(api, 'c');
    await chat.load();
    chat.send('Why?');
    expect(chat.get().path.map(({ message: each }) => textOf(each))).toEqual(['Why?', '']);
    const keyBefore = chat.keyOf(chat.get().path[0]?.message.id ?? '');

    const stream = await latest();
    stream.send('turn_started', started('a', 'u'));
    stream.send('text_delta', { text: 'Be' });
    stream.send('text_delta', { text: 'cause.' });
    await vi.waitUntil(() => textOf(chat.answer.get()) === 'Because.');
    stream.send('turn_finished', { finish_reason: 'stop' });
    await idle(chat);

    expect(shown(chat)).toEqual(['u: Why?', 'a: Because.']);
    expect(chat.keyOf('u')).toBe(keyBefore);
    expect(server.requests).toEqual([{ text: 'Why?', parent_id: null }]);
  });

  it('changes nothing but the answer while deltas arrive', async () => {
    const { api, latest } = createServer();
    const chat = new ChatStore(api, 'c');
    await chat.load();
    chat.send('Why?');
    const stream = await latest();
    stream.send('turn_started', started('a', 'u'));
    await vi.waitUntil(() => chat.answer.get().seq === 1);
    await vi.waitUntil(() => chat.get().turn?.messageId === 'a');
    await new Promise<void>(resolve => queueMicrotask(resolve));
    const listener = vi.fn();
    chat.subscribe(listener);
    for (let index = 0; index < 50; index += 1) stream.send('text_delta', { text: `${index} ` });
    await vi.waitUntil(() => chat.answer.get().seq === 51);
    expect(listener).not.toHaveBeenCalled();
  });

  it('asks under the visible answer, not under the newest', async () => {
    const { server, api } = createServer([
      message('u', null, 'user'),
      message('a1', 'u', 'assistant'),
      message('a2', 'u', 'assistant'),
    ]);
    const chat = new ChatStore(api, 'c');
    await chat.load();
    expect(shown(chat).at(-1)).toBe('a2: a2');
    chat.showBranch('a1');
    chat.send('More?');
    await vi.waitUntil(() => server.requests.length === 1);
    expect(server.requests[0]).toMatchObject({ text: 'More?', parent_id: 'a1' });
  });

  it('makes branches by editing a question and by regenerating an answer', async () => {
    const { server, api, latest } = createServer([message('u', null, 'user'), message('a', 'u', 'assistant')]);
    const chat = new ChatStore(api, 'c');
    await chat.load();
    chat.regenerate('a');
    (await latest()).send('turn_started', started('a2', 'u'));
    server.streams[0]?.send('turn_finished', { finish_reason: 'stop' });
    await idle(chat);
    expect(server.requests[0]).toEqual({ regenerate: 'a' });
    expect(chat.get().path.map(({ siblings }) => siblings)).toEqual([['u'], ['a', 'a2']]);

    chat.edit('u', 'Other?');
    await vi.waitUntil(() => server.streams.length === 2);
    server.streams[1]?.send('turn_started', started('b', 'v', 't2'));
    server.streams[1]?.send('turn_finished', { finish_reason: 'stop' });
    await idle(chat);
    expect(server.requests[1]).toEqual({ text: 'Other?', parent_id: null });
    expect(chat.get().path[0]?.siblings).toEqual(['u', 'v']);
    chat.showBranch('u');
    expect(shown(chat)).toEqual(['u: u', 'a2: ']);
  });

  it('goes on with a turn that runs when it is opened, from the beginning of its log', async () => {
    const { server, api, latest } = createServer(
      [
        message('u', null, 'user'),
        message('a', 'u', 'assistant', { turn_id: 't9', finish_reason: null, parts: text('Half') }),
      ],
      conversation({ active_turn: 't9' }),
    );
    const chat = new ChatStore(api, 'c');
    await chat.load();
    expect(chat.get().turn).toMatchObject({ turnId: 't9', messageId: 'a' });
    expect(shown(chat)).toEqual(['u: u', 'a: Half']);
    const stream = await latest();
    server.conversation = conversation();
    stream.send('turn_started', started('a', 'u', 't9'));
    stream.send('text_delta', { text: 'Whole' });
    stream.send('turn_finished', { finish_reason: 'stop' });
    await idle(chat);
    expect(server.followed).toEqual(['t9']);
    expect(shown(chat)).toEqual(['u: u', 'a: Whole']);
  });

  it('gives a text back that was refused, and shows the turn that was in the way', async () => {
    const { server, api } = createServer([message('u', null, 'user'), message('a', 'u', 'assistant')]);
    const chat = new ChatStore(api, 'c');
    await chat.load();
    server.refusal = new Problem(409, 'turn_active', 'Busy.', null);
    server.stored.push(
      message('v', 'a', 'user'),
      message('b', 'v', 'assistant', { turn_id: 't9', finish_reason: null, parts: [] }),
    );
    server.conversation = conversation({ active_turn: 't9' });
    chat.send('Why?');
    await vi.waitUntil(() => server.followed.length === 1);
    expect(shown(chat)).toEqual(['u: u', 'a: a', 'v: v', 'b: ']);
    expect(chat.get()).toMatchObject({ failure: 'Busy.', returned: { text: 'Why?' } });
  });

  it('takes back what was refused', async () => {
    const { server, api } = createServer([message('u', null, 'user'), message('a', 'u', 'assistant')]);
    const chat = new ChatStore(api, 'c');
    await chat.load();
    server.refusal = new Problem(422, 'too_long', 'The message is too long.', null);
    chat.send('Why?');
    await idle(chat);
    expect(shown(chat)).toEqual(['u: u', 'a: a']);
    expect(chat.get()).toMatchObject({ failure: 'The message is too long.', returned: { text: 'Why?' } });
  });

  it('stops a turn as soon as it has a name', async () => {
    const { server, api, latest } = createServer();
    const chat = new ChatStore(api, 'c');
    await chat.load();
    chat.send('Why?');
    void chat.stop();
    void chat.stop();
    const stream = await latest();
    await vi.waitUntil(() => server.stopped.length > 0);
    stream.send('turn_started', started('a', 'u'));
    stream.send('turn_finished', { finish_reason: 'stopped' });
    await idle(chat);
    expect(server.stopped).toEqual(['t1']);
    expect(chat.get().path.at(-1)?.message.finish_reason).toBe('stopped');
  });

  it('loads older messages page by page, and says when they grew at the top', async () => {
    const stored = [message('m0', null, 'user')];
    for (let index = 1; index < 120; index += 1) {
      stored.push(message(`m${index}`, `m${index - 1}`, index % 2 ? 'assistant' : 'user'));
    }
    const { api } = createServer(stored);
    const chat = new ChatStore(api, 'c');
    await chat.load();
    expect(chat.get().path).toHaveLength(50);
    await chat.loadOlder();
    expect(chat.get()).toMatchObject({ hasOlder: true, grewAtTop: true });
    await Promise.all([chat.loadOlder(), chat.loadOlder()]);
    expect(chat.get().path).toHaveLength(120);
    expect(chat.get().hasOlder).toBe(false);
    chat.dismissFailure();
    expect(chat.get().grewAtTop).toBe(false);
  });

  it('says that a conversation does not exist', async () => {
    const { api } = createServer();
    api.getConversation = () => Promise.reject(new Problem(404, 'not_found', 'No', null));
    const chat = new ChatStore(api, 'c');
    await chat.load();
    expect(chat.get().status).toBe('missing');
  });

  it('does not seek a lost turn for ever', async () => {
    const { server, api } = createServer(
      [message('u', null, 'user'), message('a', 'u', 'assistant', { turn_id: 't9', finish_reason: null })],
      conversation({ active_turn: 't9' }),
    );
    api.followTurn = turnId => {
      server.followed.push(turnId);
      return Promise.reject(new Problem(404, 'not_found', 'No', null));
    };
    const chat = new ChatStore(api, 'c');
    await chat.load();
    await idle(chat);
    expect(server.followed).toEqual(['t9']);
  });
});

describe('the open conversations', () => {
  it('let a stream go when nobody looks, but not before its turn is accepted', async () => {
    const { server, api } = createServer();
    let accept: (response: Response) => void = () => undefined;
    const signals: (AbortSignal | undefined)[] = [];
    api.startTurn = (_, __, ___, signal) => {
      signals.push(signal);
      return new Promise(resolve => (accept = resolve));
    };
    const chats = new ChatStores(api, () => undefined);
    const chat = chats.adopt(server.conversation);
    const release = chats.acquire(chat);
    chat.send('Why?');
    await vi.waitUntil(() => signals.length === 1);
    release();
    await Promise.resolve();
    expect(signals[0]?.aborted).toBe(false);
    expect(chats.get('c')).toBe(chat);

    accept(createStream('t1').response);
    await vi.waitUntil(() => signals[0]?.aborted);
    expect(chats.get('c')).not.toBe(chat);
  });

  it('keep a store that is released and acquired at once', async () => {
    const { server, api } = createServer();
    const chats = new ChatStores(api, () => undefined);
    const chat = chats.adopt(server.conversation);
    chat.send('Why?');
    await vi.waitUntil(() => chat.get().turn?.turnId === 't1');
    chats.acquire(chat)();
    chats.acquire(chat);
    await Promise.resolve();
    expect(chats.get('c')).toBe(chat);
    expect(chat.closed).toBe(false);
  });
});
