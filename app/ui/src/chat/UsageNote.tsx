import type { Usage } from '../api/types';

/** How many tokens an answer took. */
export function UsageNote({ usage }: { usage: Usage }) {
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = usage;
  const detail = [
    `${format(input_tokens)} input tokens`,
    `${format(output_tokens)} output tokens`,
    ...(cache_read_tokens > 0 ? [`${format(cache_read_tokens)} read from the cache`] : []),
    ...(cache_write_tokens > 0 ? [`${format(cache_write_tokens)} written to the cache`] : []),
  ].join(', ');
  return (
    <span className="usage" title={detail} data-testid="usage">
      <span className="sr-only">{detail}</span>
      <span aria-hidden="true">
        {format(input_tokens)} in · {format(output_tokens)} out
      </span>
    </span>
  );
}

function format(count: number): string {
  return count.toLocaleString();
}
