import { isAbort, type Api } from '../api/client';
import { createIdempotencyKey } from '../api/idempotencyKey';
import { Problem, describeError } from '../api/problem';
import type { Conversation, ConversationChange, Message, TurnRequest } from '../api/types';
import { announce } from '../controls/announcer';
import { createStore } from '../controls/store';
import { MessageTree } from '../tree/messageTree';
import { EMPTY_ANSWER, takeEvent, toMessage, type Answer } from '../turns/answer';
import type { NumberedEvent } from '../turns/events';
import { followTurn } from '../turns/follow';
import { INITIAL_STATE, type ChatState, type RunningTurn } from './chatState';
import { describeEnd } from './describeEnd';
import { onNextFrame } from './frame';

const PAGE_SIZE = 50;
export type ChatApi = Pick<
  Api,
  'getConversation' | 'changeConversation' | 'listMessages' | 'startTurn' | 'followTurn' | 'stopTurn'
>;

let localIds = 0;

/**
 * One open conversation: its messages, the branch that is shown, and the turn that runs.
 *
 * `get`/`subscribe` change seldom. The answer that streams is a store of its own (`answer`), which changes at most once
 * a frame, so that nothing but its own message renders again.
 */
export class ChatStore {
  private readonly store = createStore<ChatState>(INITIAL_STATE);
  private readonly answerStore = createStore<Answer>(EMPTY_ANSWER);
  private tree = MessageTree.EMPTY;
  private leafId: string | null = null;
  private cursor: string | null = null;
  /** The answer as of the last event, which may be ahead of what was rendered. */
  private current = EMPTY_ANSWER;
  private framePending = false;
  private following = new AbortController();
  private detached = false;
  /** A turn whose log the server no longer has; it is not sought again. */
  private lostTurnId: string | null = null;
  /** Rows keep their key when a local id becomes the server's, so that they are not built anew. */
  private readonly keys = new Map<string, string>();

  readonly get = this.store.get;
  readonly subscribe = this.store.subscribe;
  readonly answer = { get: this.answerStore.get, subscribe: this.answerStore.subscribe };

  constructor(
    private readonly api: ChatApi,
    readonly id: string,
    private readonly onConversation: (conversation: Conversation) => void = () => undefined,
  ) {}

  /** Starts with a conversation that was just created, and so is known to be empty. */
  adopt(conversation: Conversation): void {
    this.update({ status: 'ready', conversation });
  }

  /** Loads the conversation and its newest messages, and follows its turn if one runs. */
  async load(): Promise<void> {
    try {
      const [conversation, page] = await Promise.all([
        this.api.getConversation(this.id),
        this.api.listMessages(this.id, { limit: PAGE_SIZE }),
      ]);
      if (this.get().turn) return; // A turn was started meanwhile; what it brings is newer.
      const atNewest = this.leafId === null || this.leafId === this.tree.newestLeaf();
      const overlaps = page.items.some(({ id }) => this.tree.has(id));
      if (!overlaps) {
        // The first load, or more is new than one page holds: begin anew from the newest.
        this.tree = MessageTree.EMPTY;
        this.cursor = page.next_cursor;
      }
      this.tree = this.tree.merge(page.items);
      if (atNewest || this.leafId === null || !this.tree.has(this.leafId)) this.leafId = this.tree.newestLeaf();
      // Why the last message was not sent stays to be read.
      const failure = this.get().status === 'ready' ? this.get().failure : null;
      this.update({ status: 'ready', conversation, failure });
      this.onConversation(conversation);
      const running = conversation.active_turn;
      if (running !== null && running !== this.lostTurnId) this.attach(running);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) this.update({ status: 'missing' });
      else if (this.get().status === 'ready') this.update({ failure: describeError(error) });
      else this.update({ status: 'failed', failure: describeError(error) });
    }
  }

  /** Looks whether another tab or device has changed the conversation. */
  async refresh(): Promise<void> {
    const { status, turn, conversation } = this.get();
    if (status !== 'ready' || turn) return;
    try {
      const fresh = await this.api.getConversation(this.id);
      if (fresh.updated_at !== conversation?.updated_at || fresh.active_turn !== null) await this.load();
    } catch {
      // The next look may succeed; an unreachable server is reported elsewhere.
    }
  }

  async loadOlder(): Promise<void> {
    const { hasOlder, loadingOlder } = this.get();
    if (!hasOlder || loadingOlder) return;
    this.update({ loadingOlder: true });
    try {
      const page = await this.api.listMessages(this.id, { limit: PAGE_SIZE, cursor: this.cursor });
      this.tree = this.tree.prepend(page.items);
      this.cursor = page.next_cursor;
      this.update({ loadingOlder: false, grewAtTop: true });
    } catch (error) {
      this.update({ loadingOlder: false, failure: describeError(error) });
    }
  }

  /** The key of a message's row. */
  keyOf(messageId: string): string {
    return this.keys.get(messageId) ?? messageId;
  }

  /** Shows the branch that a message is on, down to its newest leaf. */
  showBranch(messageId: string): void {
    if (this.get().turn) return;
    this.leafId = this.tree.newestLeafUnder(messageId);
    this.update({});
  }

  /** Asks under the last visible answer. */
  send(text: string): void {
    const answered = this.get().path.findLast(({ message }) => message.role === 'assistant');
    this.start({ text, parent_id: answered?.message.id ?? null });
  }

  /** Asks anew in place of a user message, on a branch beside it. */
  edit(messageId: string, text: string): void {
    const message = this.tree.get(messageId);
    if (message) this.start({ text, parent_id: message.parent_id });
  }

  /** Has a question answered once more, on a branch beside the first answer. */
  regenerate(messageId: string): void {
    if (this.tree.has(messageId)) this.start({ regenerate: messageId });
  }

  async stop(): Promise<void> {
    const { turn } = this.get();
    if (!turn || turn.stopping) return;
    this.updateTurn({ stopping: true });
    // Before the server has named the turn there is nothing to stop yet; `setTurnId` does it then.
    if (turn.turnId !== null) await this.sendStop(turn.turnId);
  }

  async change(change: ConversationChange): Promise<void> {
    const conversation = await this.api.changeConversation(this.id, change);
    this.takeConversation(conversation);
  }

  /** Takes in what others have learnt of this conversation. */
  takeConversation(conversation: Conversation): void {
    this.update({ conversation });
    this.onConversation(conversation);
  }

  dismissFailure(): void {
    this.update({ failure: null });
  }

  /** Nobody looks any more: the stream is let go, the turn goes on at the server. */
  detach(): void {
    this.detached = true;
    const { turn } = this.get();
    // A turn that the server has not accepted yet would be lost with its request.
    if (turn?.turnId != null) this.following.abort();
  }

  /** Whether the store cannot be shown any more, because its stream was let go. */
  get closed(): boolean {
    return this.following.signal.aborted;
  }

  reattach(): void {
    this.detached = false;
  }

  private start(request: TurnRequest): void {
    if (this.get().turn) return;
    const { conversation } = this.get();
    const number = (localIds += 1);
    const answerId = `local-answer-${number}`;
    const leafBefore = this.leafId;
    const created_at = new Date().toISOString();
    const blank = { turn_id: null, usage: null, created_at };
    let parentId = this.tree.get(request.regenerate ?? '')?.parent_id ?? null;
    let questionId: string | null = null;
    if (request.text !== undefined) {
      questionId = `local-question-${number}`;
      this.tree = this.tree.put({
        ...blank,
        id: questionId,
        parent_id: request.parent_id ?? null,
        role: 'user',
        parts: [{ type: 'text', text: request.text }],
        finish_reason: 'stop',
      });
      parentId = questionId;
    }
    this.tree = this.tree.put({
      ...blank,
      id: answerId,
      parent_id: parentId,
      role: 'assistant',
      parts: [],
      finish_reason: null,
    });
    this.leafId = answerId;

    const key = createIdempotencyKey();
    const body = conversation?.model == null ? request : { model: conversation.model, ...request };
    void this.follow(answerId, questionId, {
      start: signal => this.api.startTurn(this.id, body, key, signal),
      onRefused: error => {
        this.tree = this.tree.remove(answerId);
        if (questionId !== null) this.tree = this.tree.remove(questionId);
        this.leafId = leafBefore;
        const { text } = request;
        this.update({ failure: describeError(error), returned: text === undefined ? null : { text } });
        announce(`Not sent. ${describeError(error)}`);
        // Somebody else's turn runs here: show it.
        if (error instanceof Problem && error.code === 'turn_active') void this.load();
      },
    });
  }

  private attach(turnId: string): void {
    const writing = this.tree.newestOfTurn(turnId);
    let answerId = writing?.id;
    if (answerId === undefined) {
      answerId = `local-answer-${(localIds += 1)}`;
      this.tree = this.tree.put({
        id: answerId,
        parent_id: this.tree.newestLeaf(),
        role: 'assistant',
        parts: [],
        turn_id: turnId,
        finish_reason: null,
        usage: null,
        created_at: new Date().toISOString(),
      });
    }
    this.leafId = answerId;
    void this.follow(answerId, null, { turnId });
  }

  private async follow(
    answerId: string,
    questionId: string | null,
    source: {
      turnId?: string;
      start?: (signal: AbortSignal) => Promise<Response>;
      onRefused?: (error: unknown) => void;
    },
  ): Promise<void> {
    this.setAnswer(EMPTY_ANSWER);
    this.update({
      turn: { turnId: source.turnId ?? null, messageId: answerId, reconnecting: false, stopping: false },
      // What one begins oneself makes the last failure old; a turn that is only found does not.
      ...(source.start ? { failure: null, returned: null } : {}),
    });
    announce('Tidewire is answering.');
    try {
      await followTurn({
        api: this.api,
        start: source.start,
        turnId: source.turnId,
        onTurnId: turnId => this.setTurnId(turnId),
        onReconnecting: reconnecting => this.updateTurn({ reconnecting }),
        onEvent: numbered => this.takeTurnEvent(numbered, questionId),
        signal: this.following.signal,
      });
      this.finish();
    } catch (error) {
      if (isAbort(error)) return;
      const turnId = this.get().turn?.turnId ?? null;
      this.update({ turn: null });
      if (turnId === null) {
        source.onRefused?.(error);
      } else {
        this.lostTurnId = turnId;
        await this.load();
      }
    }
  }

  private setTurnId(turnId: string): void {
    const stopping = this.get().turn?.stopping === true;
    this.updateTurn({ turnId });
    if (stopping) void this.sendStop(turnId);
    if (this.detached) this.following.abort();
  }

  private async sendStop(turnId: string): Promise<void> {
    try {
      await this.api.stopTurn(turnId);
    } catch (error) {
      this.updateTurn({ stopping: false });
      this.update({ failure: `The answer could not be stopped. ${describeError(error)}` });
    }
  }

  private takeTurnEvent(numbered: NumberedEvent, questionId: string | null): void {
    this.current = takeEvent(this.current, numbered);
    if (numbered.event.type === 'turn_started') {
      const { message_id, parent_id } = numbered.event;
      this.nameMessages(message_id, parent_id, questionId);
      // By now the server has titled a conversation that began with this turn.
      void this.reloadConversation();
    }
    if (this.framePending) return;
    this.framePending = true;
    onNextFrame(() => {
      this.framePending = false;
      this.answerStore.set(this.current);
    });
  }

  /** The server has named the messages that were shown under local ids. */
  private nameMessages(messageId: string, parentId: string | null, questionId: string | null): void {
    const { turn } = this.get();
    if (!turn) return;
    const question = questionId === null ? undefined : this.tree.get(questionId);
    if (question && parentId !== null) this.rename(question, { ...question, id: parentId });
    const answer = this.tree.get(turn.messageId);
    if (answer) this.rename(answer, { ...answer, id: messageId, parent_id: parentId, turn_id: turn.turnId });
    this.leafId = messageId;
    this.updateTurn({ messageId });
    if (parentId !== null && !this.tree.has(parentId)) void this.mergeNewest();
  }

  private rename(old: Message, message: Message): void {
    if (old.id !== message.id) this.keys.set(message.id, this.keyOf(old.id));
    this.tree = this.tree.replace(old.id, message);
  }

  private finish(): void {
    const { turn } = this.get();
    const message = turn && this.tree.get(turn.messageId);
    if (message) {
      const finished = toMessage(this.current, message);
      this.tree = this.tree.replace(message.id, finished);
      announce(describeEnd(finished));
    }
    this.update({ turn: null });
    void this.reloadConversation();
  }

  private async mergeNewest(): Promise<void> {
    try {
      const page = await this.api.listMessages(this.id, { limit: PAGE_SIZE });
      this.tree = this.tree.merge(page.items);
      this.update({});
    } catch {
      // The visible path stays short until the next load.
    }
  }

  private async reloadConversation(): Promise<void> {
    try {
      this.takeConversation(await this.api.getConversation(this.id));
    } catch {
      // Only the title may be out of date.
    }
  }

  private setAnswer(answer: Answer): void {
    this.current = answer;
    this.answerStore.set(answer);
  }

  private updateTurn(change: Partial<RunningTurn>): void {
    const { turn } = this.get();
    if (turn) this.update({ turn: { ...turn, ...change } });
  }

  private update(change: Partial<ChatState>): void {
    const path = this.tree.pathTo(this.leafId, this.cursor === null);
    this.store.set({ ...this.get(), grewAtTop: false, path, hasOlder: this.cursor !== null, ...change });
  }
}
