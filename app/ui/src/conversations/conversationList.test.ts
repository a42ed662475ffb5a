import { describe, expect, it } from 'vitest';
import type { Conversation, Page } from '../api/types';
import { ConversationList } from './conversationList';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const item = (id: string, minute: number, title = id): Conversation => ({
  id,
  title,
  model: null,
  system: null,
  active_turn: null,
  created_at: at(0),
  updated_at: at(minute),
});

interface Request {
  q?: string;
  cursor?: string | null;
  answer: (page: Page<Conversation>) => void;
}

function createList() {
  const requests: Request[] = [];
  const deleted: string[] = [];
  const list = new ConversationList({
    listConversations: ({ q, cursor }) =>
      new Promise(resolve => {
        requests.push({ q, cursor, answer: resolve });
      }),
    changeConversation: (id, { title }) => Promise.resolve(item(id, 9, title)),
    deleteConversation: id => {
      deleted.push(id);
      return Promise.resolve();
    },
  });
  return { list, requests, deleted, ids: () => list.get().items.map(({ id }) => id) };
}

describe('the list of conversations', () => {
  it('loads page by page, each conversation once', async () => {
    const { list, requests, ids } = createList();
    const first = list.load();
    requests[0]?.answer({ items: [item('c', 3), item('b', 2)], next_cursor: 'x' });
    await first;
    const more = list.loadMore();
    void list.loadMore();
    expect(requests.map(({ cursor }) => cursor)).toEqual([null, 'x']);
    requests[1]?.answer({ items: [item('b', 2), item('a', 1)], next_cursor: null });
    await more;
    expect(ids()).toEqual(['c', 'b', 'a']);
    await list.loadMore();
    expect(requests).toHaveLength(2);
  });

  it('shows what was searched for last, whichever answer comes last', async () => {
    const { list, requests, ids } = createList();
    const old = list.load('a');
    const recent = list.load('ab');
    requests[1]?.answer({ items: [item('ab', 1)], next_cursor: null });
    await recent;
    requests[0]?.answer({ items: [item('a', 1)], next_cursor: null });
    await old;
    expect(ids()).toEqual(['ab']);
  });

  it('moves up what was used, and adds what is new, unless a search hides it', async () => {
    const { list, requests, ids } = createList();
    const loaded = list.load();
    requests[0]?.answer({ items: [item('b', 2), item('a', 1)], next_cursor: null });
    await loaded;
    list.put(item('a', 5));
    list.put(item('n', 4));
    expect(ids()).toEqual(['a', 'n', 'b']);
    const searched = list.load('zzz');
    requests[1]?.answer({ items: [], next_cursor: null });
    await searched;
    list.put(item('other', 9));
    expect(ids()).toEqual([]);
  });

  it('looks for news without losing its pages', async () => {
    const { list, requests, ids } = createList();
    const loaded = list.load();
    requests[0]?.answer({ items: [item('b', 2), item('a', 1)], next_cursor: 'x' });
    await loaded;
    const more = list.loadMore();
    requests[1]?.answer({ items: [item('z', 0)], next_cursor: null });
    await more;
    const refreshed = list.refresh();
    requests[2]?.answer({ items: [item('n', 6), item('a', 5, 'Changed')], next_cursor: 'x' });
    await refreshed;
    expect(ids()).toEqual(['n', 'a', 'b', 'z']);
    expect(list.get().items[1]?.title).toBe('Changed');
    expect(list.get().nextCursor).toBeNull();
  });

  it('renames and deletes', async () => {
    const { list, requests, deleted, ids } = createList();
    const loaded = list.load();
    requests[0]?.answer({ items: [item('b', 2), item('a', 1)], next_cursor: null });
    await loaded;
    await list.rename('a', 'Better');
    expect(list.get().items.find(({ id }) => id === 'a')?.title).toBe('Better');
    await list.delete('b');
    expect(deleted).toEqual(['b']);
    expect(ids()).toEqual(['a']);
  });
});
