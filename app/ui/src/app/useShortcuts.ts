import { useEffect } from 'react';

interface Shortcuts {
  onNew: () => void;
  onSearch: () => void;
  onHelp: () => void;
  onFocusComposer: () => void;
}

/** The shortcuts of the whole page. All hold a modifier, so that none fires while somebody writes. */
export function useShortcuts({ onNew, onSearch, onHelp, onFocusComposer }: Shortcuts): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (document.querySelector('dialog[open]')) return;
      const action = actionOf(event);
      if (!action) return;
      event.preventDefault();
      action();
    };
    const actionOf = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && event.shiftKey) return onFocusComposer;
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
      const key = event.key.toLowerCase();
      if (key === 'k' && !event.shiftKey) return onSearch;
      if (key === 'o' && event.shiftKey) return onNew;
      if (key === '/') return onHelp;
      return null;
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [onNew, onSearch, onHelp, onFocusComposer]);
}
