import type { ToolArguments } from '../api/types';
import { ToolIcon } from '../controls/icons';
import type { ToolOutput } from '../turns/answer';
import type { ToolResult } from './sections';

interface ToolCallProps {
  name: string;
  arguments: ToolArguments;
  result: ToolResult | null;
  output: ToolOutput[];
  running: boolean;
}

/** A tool's call: what it was given, what it writes while it runs, what it returned. Folded. */
export function ToolCall({ name, arguments: given, result, output, running }: ToolCallProps) {
  const state = running ? 'running' : result === null ? 'unfinished' : result.ok ? 'ok' : 'failed';
  const progress = output.findLast(({ stream }) => stream === 'progress')?.text.trim();
  const printed = output.filter(({ stream }) => stream !== 'progress');
  return (
    <details className="fold tool" data-state={state} data-testid="tool-call">
      <summary data-pulse={running || undefined}>
        <ToolIcon />
        <code className="tool-name">{name}</code>
        <span className="tool-state">{LABELS[state]}</span>
        {running && progress !== undefined && <span className="tool-progress">{progress}</span>}
      </summary>
      <div className="tool-body">
        <ToolText label="Arguments" text={formatArguments(given)} />
        {printed.map(({ stream, text }, index) => (
          <ToolText key={index} label={stream === 'stderr' ? 'Error output' : 'Output'} text={text} />
        ))}
        {result !== null && <ToolText label={result.ok ? 'Result' : 'Failure'} text={result.content} />}
      </div>
    </details>
  );
}

const LABELS = { running: 'Running…', ok: 'Done', failed: 'Failed', unfinished: 'Not finished' };

function ToolText({ label, text }: { label: string; text: string }) {
  return (
    <div className="tool-text">
      <p className="tool-label">{label}</p>
      {/* Long output scrolls by itself, and must be reachable to be scrolled by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0}>{text === '' ? '(empty)' : text}</pre>
    </div>
  );
}

/** Code is shown as it was written, not as an escaped JSON string. */
function formatArguments(given: ToolArguments): string {
  const entries = Object.entries(given);
  if (entries.length === 0) return '';
  return entries
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
      return text.includes('\n') ? `${name}:\n${text}` : `${name}: ${text}`;
    })
    .join('\n');
}
