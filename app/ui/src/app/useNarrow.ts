import { useSyncExternalStore } from 'react';

// layout.css turns the sidebar into a drawer at the same width.
const query = window.matchMedia('(max-width: 800px)');

/** Whether the screen is too narrow for the sidebar beside the conversation. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    listener => {
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => query.matches,
  );
}
