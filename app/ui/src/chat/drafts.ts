const PREFIX = 'tidewire.draft.';

/** The text that was written but not sent, by conversation id; `new` is the one that does not exist yet. */
export function readDraft(conversation: string): string {
  try {
    return localStorage.getItem(PREFIX + conversation) ?? '';
  } catch {
    return '';
  }
}

/** Keeps a draft over reloads; an empty one is forgotten. */
export function writeDraft(conversation: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(PREFIX + conversation);
    else localStorage.setItem(PREFIX + conversation, text);
  } catch {
    // Storage is full or forbidden: the draft lives as long as the page.
  }
}

/** Forgets every draft: they belong to whoever was signed in. */
export function clearDrafts(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // Nothing is kept where storage is forbidden.
  }
}
