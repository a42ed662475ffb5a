import type { Citation } from '../api/types';
import { BookIcon } from '../controls/icons';
import { citationName, citationPlace } from '../markdown/citationName';

interface SourceChipProps {
  citation: Citation;
  onOpen: (citation: Citation) => void;
}

/** A source under its answer. Where space is short the outer headings are cut first; its name is always whole. */
export function SourceChip({ citation, onOpen }: SourceChipProps) {
  const name = citationName(citation);
  const { outer, section } = citationPlace(citation);
  return (
    <button
      type="button"
      className="chip"
      aria-label={`Source ${citation.index}: ${name}`}
      title={name}
      onClick={() => onOpen(citation)}
    >
      <BookIcon />
      <span className="chip-index">{citation.index}</span>
      <span className="chip-title">{citation.title}</span>
      {outer !== '' && <span className="chip-outer">· {outer}</span>}
      {section !== '' && (
        <span className="chip-section">
          {outer === '' ? '·' : '›'} {section}
        </span>
      )}
    </button>
  );
}
