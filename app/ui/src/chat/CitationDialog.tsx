import type { Citation } from '../api/types';
import { Dialog } from '../controls/Dialog';
import { MarkdownText } from '../markdown/MarkdownText';

/** A source: where it stands, and the passage that was quoted, which is Markdown as little to be trusted as an answer. */
export function CitationDialog({ citation, onClose }: { citation: Citation; onClose: () => void }) {
  return (
    <Dialog title={`Source ${citation.index}`} onClose={onClose}>
      <p className="citation-title">{citation.title}</p>
      {citation.locator !== null && <p className="muted">{citation.locator}</p>}
      {citation.snippet !== null && (
        <blockquote className="citation-snippet">
          <MarkdownText text={citation.snippet} streaming={false} />
        </blockquote>
      )}
    </Dialog>
  );
}
