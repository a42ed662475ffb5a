import { createStore, useStore } from '../controls/store';

/** The open conversation, or `null` for one that does not exist yet. */
export interface Route {
  conversationId: string | null;
}

const store = createStore<Route>(readRoute(location.pathname));

/** Reads the path of a page; an unknown one is the start page. */
export function readRoute(path: string): Route {
  const match = /^\/c\/([^/]+)\/?$/.exec(path);
  if (!match?.[1]) return { conversationId: null };
  try {
    return { conversationId: decodeURIComponent(match[1]) };
  } catch {
    return { conversationId: null };
  }
}

/** The path of a conversation's page, or of a new one's. */
export function pathOf(conversationId: string | null): string {
  return conversationId === null ? '/' : `/c/${encodeURIComponent(conversationId)}`;
}

/** Goes to a conversation without loading the page anew. */
export function navigate(conversationId: string | null): void {
  const path = pathOf(conversationId);
  if (path !== location.pathname) history.pushState(null, '', path);
  store.set({ conversationId });
}

/** Follows the browser's back and forward buttons until the returned function is called. */
export function followHistory(): () => void {
  const onPopState = () => store.set(readRoute(location.pathname));
  window.addEventListener('popstate', onPopState);
  return () => window.removeEventListener('popstate', onPopState);
}

export function useRoute(): Route {
  return useStore(store);
}
