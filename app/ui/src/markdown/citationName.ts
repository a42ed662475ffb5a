import type { Citation } from '../api/types';

/** A source in one line: its document, and where it stands in it. Says no word twice. */
export function citationName({ title, locator }: Pick<Citation, 'title' | 'locator'>): string {
  return hasPlace({ title, locator }) ? `${title} · ${locator}` : title;
}

/** Between the headings of a locator, from the outermost. */
const UNDER = ' › ';

/**
 * Where a source stands, in two: the headings over its section, which may be cut where space is short, and the section
 * itself, which tells it from the others of the same document. Either is empty where there is none.
 */
export function citationPlace(citation: Pick<Citation, 'title' | 'locator'>): { outer: string; section: string } {
  if (!hasPlace(citation)) return { outer: '', section: '' };
  const at = citation.locator.lastIndexOf(UNDER);
  if (at <= 0) return { outer: '', section: citation.locator };
  return { outer: citation.locator.slice(0, at), section: citation.locator.slice(at + UNDER.length) };
}

function hasPlace<T extends Pick<Citation, 'title' | 'locator'>>(citation: T): citation is T & { locator: string } {
  return citation.locator !== null && citation.locator !== '' && citation.locator !== citation.title;
}
