import { createStore } from '../controls/store';

export type Theme = 'system' | 'light' | 'dark';

// `public/theme.js` reads the same key before the first paint.
const KEY = 'tidewire.theme';
const store = createStore<Theme>(readTheme());

/** The chosen theme; `system` follows `prefers-color-scheme`. */
export const theme = { get: store.get, subscribe: store.subscribe };

/** Applies a theme and remembers it. */
export function chooseTheme(next: Theme): void {
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    if (next === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // Then it holds as long as the page does.
  }
  store.set(next);
}

function readTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}
