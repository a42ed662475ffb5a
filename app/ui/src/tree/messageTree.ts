import type { Message } from '../api/types';

/** A message on the visible path, with the branches that leave from its parent. */
export interface PathEntry {
  message: Message;
  /** The ids of all answers to the same parent (this message among them), oldest first. */
  siblings: readonly string[];
}

/**
 * The messages of a conversation as far as they are loaded: a tree by `parent_id`. The newest are loaded first, and a
 * parent always is older than its child; so whenever a message is here, all of its descendants are too.
 *
 * Immutable: every change returns a new tree.
 */
export class MessageTree {
  private constructor(
    /** Oldest first. */
    private readonly order: readonly string[],
    private readonly byId: ReadonlyMap<string, Message>,
    /** Children by parent id, oldest first; roots under `null`. */
    private readonly childrenOf: ReadonlyMap<string | null, readonly string[]>,
  ) {}

  static readonly EMPTY = new MessageTree([], new Map(), new Map());

  private static build(messages: readonly Message[]): MessageTree {
    const byId = new Map(messages.map(message => [message.id, message]));
    const childrenOf = new Map<string | null, string[]>();
    for (const { id, parent_id } of byId.values()) {
      const siblings = childrenOf.get(parent_id);
      if (siblings) siblings.push(id);
      else childrenOf.set(parent_id, [id]);
    }
    return new MessageTree([...byId.keys()], byId, childrenOf);
  }

  get size(): number {
    return this.order.length;
  }

  get(id: string): Message | undefined {
    return this.byId.get(id);
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** The assistant message that a turn writes. */
  newestOfTurn(turnId: string): Message | undefined {
    return this.messages().findLast(({ turn_id, role }) => turn_id === turnId && role === 'assistant');
  }

  /** Puts a page of older messages (newest first, as listed) before all others. */
  prepend(page: readonly Message[]): MessageTree {
    const older = page.filter(({ id }) => !this.byId.has(id)).reverse();
    return older.length === 0 ? this : MessageTree.build([...older, ...this.messages()]);
  }

  /** Takes in the newest page (newest first, as listed): updates what is known, appends what is not. */
  merge(page: readonly Message[]): MessageTree {
    if (page.length === 0) return this;
    const fresh = new Map(page.map(message => [message.id, message]));
    const kept = this.messages().map(message => fresh.get(message.id) ?? message);
    const added = page.filter(({ id }) => !this.byId.has(id)).reverse();
    return MessageTree.build([...kept, ...added]);
  }

  /** Adds a message as the newest, or updates it in place. */
  put(message: Message): MessageTree {
    return this.merge([message]);
  }

  /** Replaces a message, also when its id changes, keeping its place in the order. */
  replace(id: string, message: Message): MessageTree {
    if (!this.byId.has(id)) return this.put(message);
    const messages = this.messages().map(old => (old.id === id ? message : old));
    // What hung under the old id hangs under the new one.
    return MessageTree.build(
      id === message.id
        ? messages
        : messages.map(old => (old.parent_id === id ? { ...old, parent_id: message.id } : old)),
    );
  }

  /** Forgets a message that has no children. */
  remove(id: string): MessageTree {
    return this.byId.has(id) ? MessageTree.build(this.messages().filter(message => message.id !== id)) : this;
  }

  /** The newest message that nothing follows: where a conversation goes on. */
  newestLeaf(): string | null {
    return this.order.findLast(id => !this.childrenOf.has(id)) ?? null;
  }

  /** The newest leaf under a message, which is the message itself when nothing follows it. */
  newestLeafUnder(id: string): string {
    const beneath = new Set([id]);
    let leaf = id;
    const from = this.order.indexOf(id);
    for (let index = from + 1; index < this.order.length; index += 1) {
      const message = this.byId.get(this.order[index] ?? '');
      if (!message || !beneath.has(message.parent_id ?? '')) continue;
      beneath.add(message.id);
      if (!this.childrenOf.has(message.id)) leaf = message.id;
    }
    return leaf;
  }

  /**
   * The messages from the root, or from the oldest loaded ancestor, down to a leaf. `complete`: nothing older exists
   * on the server, so that the roots are known to be all there are.
   */
  pathTo(leafId: string | null, complete: boolean): PathEntry[] {
    const path: PathEntry[] = [];
    for (let id = leafId; id !== null; ) {
      const message = this.byId.get(id);
      if (!message) break;
      const { parent_id } = message;
      // Siblings are certain once their parent is loaded; before that some may be missing.
      const known = parent_id === null ? complete : this.byId.has(parent_id);
      path.push({ message, siblings: known ? (this.childrenOf.get(parent_id) ?? [id]) : [id] });
      id = parent_id;
    }
    return path.reverse();
  }

  private messages(): Message[] {
    return [...this.byId.values()];
  }
}
