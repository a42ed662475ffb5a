import type { Conversation } from '../api/types';
import type { PathEntry } from '../tree/messageTree';

/** The turn that runs in the open conversation. */
export interface RunningTurn {
  /** `null` until the server has accepted it. */
  turnId: string | null;
  /** The assistant message that it writes; a local id until `turn_started`. */
  messageId: string;
  reconnecting: boolean;
  stopping: boolean;
}

export interface ChatState {
  status: 'loading' | 'ready' | 'missing' | 'failed';
  conversation: Conversation | null;
  /** The visible messages, oldest first. */
  path: PathEntry[];
  hasOlder: boolean;
  loadingOlder: boolean;
  /** The last change put messages before the others: the list keeps its place from its end. */
  grewAtTop: boolean;
  turn: RunningTurn | null;
  /** Why the last action failed. */
  failure: string | null;
  /** A text that could not be sent, to be given back to its writer. */
  returned: { text: string } | null;
}

/** A conversation before it is loaded. */
export const INITIAL_STATE: ChatState = {
  status: 'loading',
  conversation: null,
  path: [],
  hasOlder: false,
  loadingOlder: false,
  grewAtTop: false,
  turn: null,
  failure: null,
  returned: null,
};
