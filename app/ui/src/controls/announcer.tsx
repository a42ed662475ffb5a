import { createStore, useStore } from './store';

const announcement = createStore({ text: '', turn: 0 });

/** Tells users of a screen reader, once they are not busy listening. For what happened, never for each token. */
export function announce(text: string): void {
  announcement.set({ text, turn: announcement.get().turn + 1 });
}

/** The one polite live region of the page. */
export function LiveRegion() {
  const { text, turn } = useStore(announcement);
  // The same text twice would not be read again: a no-break space at its end makes it another text.
  return (
    <div className="sr-only" role="status" aria-live="polite" aria-atomic="true">
      {turn % 2 === 0 ? text : `${text}\u00A0`}
    </div>
  );
}
