import type { Citation, Message, Part } from '../api/types';

/** The plain text of a message, as it is copied or edited: no reasoning, no tools. */
export function textOf(message: Pick<Message, 'parts'>): string {
  let text = '';
  let interrupted = false;
  for (const part of message.parts) {
    if (part.type === 'text') {
      // What a tool call or an image comes between are paragraphs of their own.
      text += interrupted && text !== '' ? `\n\n${part.text}` : part.text;
      interrupted = false;
    } else if (part.type !== 'citation') {
      interrupted = true;
    }
  }
  return text.trim();
}

/** What a message cites, by rising index, each once. */
export function citationsOf(parts: readonly Part[]): Citation[] {
  const byIndex = new Map<number, Citation>();
  for (const part of parts) {
    if (part.type === 'citation' && !byIndex.has(part.index)) byIndex.set(part.index, part);
  }
  return [...byIndex.values()].sort((a, b) => a.index - b.index);
}
