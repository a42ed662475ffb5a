// The native dialect of the server: what its JSON holds. Times are RFC 3339.

export interface Session {
  session_id: string | null;
  version: string;
  instance: { host: string; id: string; started_at: string };
  /** `local`: nobody signs in; `key`: an API key is exchanged for a cookie. */
  auth: 'local' | 'key';
  signed_in: boolean;
  principal: { id: string; name: string } | null;
}

export interface Model {
  id: string;
  name: string;
  provider: string;
  context_window: number | null;
  capabilities: string[];
  price: { input_per_million_usd: number; output_per_million_usd: number } | null;
  default: boolean;
}

export interface Conversation {
  id: string;
  title: string | null;
  model: string | null;
  system: string | null;
  /** The turn that is running now, if any. */
  active_turn: string | null;
  created_at: string;
  updated_at: string;
}

export interface Citation {
  index: number;
  title: string;
  locator: string | null;
  snippet: string | null;
  document_id: string | null;
}

export type ToolArguments = Record<string, unknown>;

export type Part =
  | { type: 'text'; text: string }
  | { type: 'image'; media_type: string; data_base64: string }
  | { type: 'reasoning'; text: string }
  | { type: 'tool_call'; call_id: string; name: string; arguments: ToolArguments }
  | { type: 'tool_result'; call_id: string; ok: boolean; content: string }
  | ({ type: 'citation' } & Citation)
  | { type: 'error'; code: string; message: string; retryable: boolean };

export interface Usage {
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
}

export type FinishReason =
  | 'stop'
  | 'length'
  | 'tool_calls'
  | 'content_filter'
  | 'stopped'
  | 'interrupted'
  | 'timeout'
  | 'budget'
  | 'error';

export interface Message {
  id: string;
  parent_id: string | null;
  role: 'user' | 'assistant';
  parts: Part[];
  turn_id: string | null;
  /** `null` while the message's turn runs. */
  finish_reason: FinishReason | null;
  usage: Usage | null;
  created_at: string;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** What starts a turn: a text under a parent, or the message to answer anew. */
export interface TurnRequest {
  text?: string;
  /** Absent: the newest leaf. `null`: a new root. Otherwise the assistant message to answer under. */
  parent_id?: string | null;
  model?: string;
  regenerate?: string;
}

export interface ConversationChange {
  title?: string;
  model?: string;
  system?: string;
}
