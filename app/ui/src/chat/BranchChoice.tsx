import { ChevronLeftIcon, ChevronRightIcon } from '../controls/icons';

interface BranchChoiceProps {
  id: string;
  siblings: readonly string[];
  disabled: boolean;
  onChoose: (id: string) => void;
}

/** Walks between the branches that leave from one message. */
export function BranchChoice({ id, siblings, disabled, onChoose }: BranchChoiceProps) {
  const index = siblings.indexOf(id);
  const previous = siblings[index - 1];
  const next = siblings[index + 1];
  return (
    <span className="branches" role="group" aria-label="Branches">
      <button
        type="button"
        className="icon-button"
        aria-label="Previous branch"
        disabled={disabled || previous === undefined}
        onClick={() => previous !== undefined && onChoose(previous)}
      >
        <ChevronLeftIcon />
      </button>
      <span className="branch-count" data-testid="branch-count">
        {index + 1} / {siblings.length}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label="Next branch"
        disabled={disabled || next === undefined}
        onClick={() => next !== undefined && onChoose(next)}
      >
        <ChevronRightIcon />
      </button>
    </span>
  );
}
