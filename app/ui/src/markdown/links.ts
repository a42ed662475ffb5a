const SAFE_PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);

/**
 * The address of a link that a model wrote, when it may be followed: an absolute `http`, `https` or `mailto` URL.
 * `null` for all others, relative ones included: they would point into this application.
 */
export function safeHref(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return SAFE_PROTOCOLS.has(protocol) ? href : null;
}

const CITATION = /^#citation-(\d+)$/;

/** The in-page address that stands for a marker such as `[1]`. */
export function citationHref(index: string): string {
  return `#citation-${index}`;
}

/** The number of the source that an address stands for, or `null`. */
export function readCitationHref(url: string | undefined): number | null {
  const match = CITATION.exec(url ?? '');
  return match?.[1] === undefined ? null : Number(match[1]);
}
