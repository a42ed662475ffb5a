import { isAbort, type Api } from '../api/client';
import { describeError } from '../api/problem';
import type { Conversation } from '../api/types';
import { createStore } from '../controls/store';

export interface ConversationListState {
  items: Conversation[];
  query: string;
  nextCursor: string | null;
  status: 'loading' | 'ready' | 'failed';
  failure: string | null;
}

const PAGE_SIZE = 30;
type ListApi = Pick<Api, 'listConversations' | 'changeConversation' | 'deleteConversation'>;

/** The conversations of the sidebar, newest first, page by page. */
export class ConversationList {
  private readonly store = createStore<ConversationListState>({
    items: [],
    query: '',
    nextCursor: null,
    status: 'loading',
    failure: null,
  });
  private request = new AbortController();

  readonly get = this.store.get;
  readonly subscribe = this.store.subscribe;

  constructor(private readonly api: ListApi) {}

  /** Loads the first page anew; the current items stay visible meanwhile. */
  load(query = this.get().query): Promise<void> {
    return this.fetchPage(query, null);
  }

  async loadMore(): Promise<void> {
    const { nextCursor, query, status } = this.get();
    if (nextCursor !== null && status === 'ready') await this.fetchPage(query, nextCursor);
  }

  async rename(id: string, title: string): Promise<Conversation> {
    const conversation = await this.api.changeConversation(id, { title });
    this.put(conversation);
    return conversation;
  }

  async delete(id: string): Promise<void> {
    await this.api.deleteConversation(id);
    this.update({ items: this.get().items.filter(item => item.id !== id) });
  }

  /** Takes in what is newly known of a conversation, in the order of the list. */
  put(conversation: Conversation): void {
    const { items, query } = this.get();
    this.update({ items: place(items, conversation, query) });
  }

  /** Looks what has become of the newest conversations, without losing the pages that are loaded. */
  async refresh(): Promise<void> {
    const { query, status } = this.get();
    if (status !== 'ready') return;
    try {
      const page = await this.api.listConversations({ limit: PAGE_SIZE, q: query });
      if (this.get().query !== query || this.get().status !== 'ready') return;
      const items = page.items.reduceRight((all, item) => place(all, item, ''), this.get().items);
      this.update({ items });
    } catch {
      // The next look may succeed; an unreachable server is reported elsewhere.
    }
  }

  private async fetchPage(query: string, cursor: string | null): Promise<void> {
    // A newer question makes the answer to an older one worthless.
    this.request.abort();
    const request = new AbortController();
    this.request = request;
    this.update({ query, status: 'loading', failure: null });
    try {
      const page = await this.api.listConversations({ limit: PAGE_SIZE, cursor, q: query }, request.signal);
      if (request.signal.aborted) return;
      const before = cursor === null ? [] : this.get().items;
      // What was used meanwhile has moved up, and may come a second time.
      const items = new Map([...page.items, ...before].map(item => [item.id, item]));
      this.update({
        items: [...new Set([...before, ...page.items].map(({ id }) => id))].flatMap(id => items.get(id) ?? []),
        nextCursor: page.next_cursor,
        status: 'ready',
      });
    } catch (error) {
      if (isAbort(error) || request.signal.aborted) return;
      this.update({ status: 'failed', failure: describeError(error) });
    }
  }

  private update(change: Partial<ConversationListState>): void {
    this.store.set({ ...this.get(), ...change });
  }
}

/** Puts a conversation where it belongs among others, newest first. */
function place(items: Conversation[], conversation: Conversation, query: string): Conversation[] {
  const known = items.some(({ id }) => id === conversation.id);
  // Only the server knows whether it matches a search.
  if (!known && query !== '') return items;
  const others = items.filter(({ id }) => id !== conversation.id);
  const index = others.findIndex(({ updated_at }) => Date.parse(updated_at) <= Date.parse(conversation.updated_at));
  return others.toSpliced(index < 0 ? others.length : index, 0, conversation);
}
