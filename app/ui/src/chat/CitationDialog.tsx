import type { Citation } from '../api/types';
import { Dialog } from '../controls/Dialog';

/** A source: where it stands, and the passage that was quoted. */
export function CitationDialog({ citation, onClose }: { citation: Citation; onClose: () => void }) {
  return (
    <Dialog title={`Source ${citation.index}`} onClose={onClose}>
      <p className="citation-title">{citation.title}</p>
      {citation.locator !== null && <p className="muted">{citation.locator}</p>}
      {citation.snippet !== null && <blockquote className="citation-snippet">{citation.snippet}</blockquote>}
    </Dialog>
  );
}
