import type { Conversation } from '../api/types';
import { ChatStore, type ChatApi } from './chatStore';

/** The conversations that are open, or whose turn the server has not accepted yet. */
export class ChatStores {
  private readonly stores = new Map<string, ChatStore>();
  private readonly users = new Map<ChatStore, number>();

  constructor(
    private readonly api: ChatApi,
    private readonly onConversation: (conversation: Conversation) => void,
  ) {}

  /** The store of a conversation; it loads nothing until it is acquired. */
  get(id: string): ChatStore {
    const known = this.stores.get(id);
    if (known && !known.closed) return known;
    const store = new ChatStore(this.api, id, this.onConversation);
    this.stores.set(id, store);
    return store;
  }

  /** A store for a conversation that was just created. */
  adopt(conversation: Conversation): ChatStore {
    const store = this.get(conversation.id);
    store.adopt(conversation);
    this.onConversation(conversation);
    return store;
  }

  /** Keeps a store open until the returned function is called. */
  acquire(store: ChatStore): () => void {
    this.stores.set(store.id, store);
    this.users.set(store, (this.users.get(store) ?? 0) + 1);
    store.reattach();
    if (store.get().status === 'loading') void store.load();
    return () => {
      this.users.set(store, (this.users.get(store) ?? 1) - 1);
      // React may mount again at once (StrictMode): let go only when nobody came back.
      queueMicrotask(() => this.evict(store));
    };
  }

  /** Takes in a conversation that was changed outside of its store. */
  takeConversation(conversation: Conversation): void {
    this.stores.get(conversation.id)?.takeConversation(conversation);
  }

  /** Whether an answer streams into any open conversation. */
  get busy(): boolean {
    return [...this.stores.values()].some(store => store.get().turn !== null);
  }

  private evict(store: ChatStore): void {
    if ((this.users.get(store) ?? 0) > 0) return;
    this.users.delete(store);
    store.detach();
    const turn = store.get().turn;
    if (turn?.turnId === null && !store.closed) return; // It lets go by itself once its turn is accepted.
    if (this.stores.get(store.id) === store) this.stores.delete(store.id);
  }
}
