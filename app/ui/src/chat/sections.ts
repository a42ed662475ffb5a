import type { Part, ToolArguments } from '../api/types';

/** What a message shows, one under the other. */
export type Section =
  | { kind: 'text'; text: string }
  | { kind: 'reasoning'; text: string }
  | { kind: 'image'; mediaType: string; data: string }
  | { kind: 'tool'; callId: string; name: string; arguments: ToolArguments; result: ToolResult | null }
  | { kind: 'error'; code: string; message: string; retryable: boolean };

export interface ToolResult {
  ok: boolean;
  content: string;
}

/**
 * The sections of a message: texts that only a citation parts are joined, and a tool's result stands with its call.
 * Citations are shown apart.
 */
export function toSections(parts: readonly Part[]): Section[] {
  const results = new Map<string, ToolResult>();
  for (const part of parts) {
    if (part.type === 'tool_result') results.set(part.call_id, { ok: part.ok, content: part.content });
  }
  const sections: Section[] = [];
  for (const part of parts) {
    const last = sections.at(-1);
    switch (part.type) {
      case 'text':
      case 'reasoning':
        if (last?.kind === part.type) last.text += part.text;
        else if (part.text !== '') sections.push({ kind: part.type, text: part.text });
        break;
      case 'tool_call':
        sections.push({
          kind: 'tool',
          callId: part.call_id,
          name: part.name,
          arguments: part.arguments,
          result: results.get(part.call_id) ?? null,
        });
        break;
      case 'image':
        sections.push({ kind: 'image', mediaType: part.media_type, data: part.data_base64 });
        break;
      case 'error':
        sections.push({ kind: 'error', code: part.code, message: part.message, retryable: part.retryable });
        break;
      case 'tool_result':
      case 'citation':
        break;
    }
  }
  return sections;
}
