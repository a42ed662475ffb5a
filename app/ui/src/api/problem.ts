/** The server answered, and refused: an RFC 9457 problem document, or what comes closest to one. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly traceId: string | null,
  ) {
    super(message);
  }
}

/** No answer came: the server cannot be reached, or the connection broke. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Reads a refused response. Never throws: a proxy's HTML page becomes a problem too. */
export async function readProblem(response: Response): Promise<Problem> {
  let document: Record<string, unknown> = {};
  try {
    const body: unknown = await response.json();
    if (typeof body === 'object' && body !== null) document = body as Record<string, unknown>;
  } catch {
    // Not JSON; the status says enough.
  }
  const text = (name: string) => (typeof document[name] === 'string' ? document[name] : null);
  return new Problem(
    response.status,
    text('code') ?? `http_${response.status}`,
    text('detail') ?? text('title') ?? `The server answered with status ${response.status}.`,
    text('trace_id') ?? response.headers.get('x-trace-id'),
  );
}

/** Whether the same request may well succeed a moment later: no answer, or a gateway's "not now". */
export function isTransient(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && [502, 503, 504].includes(error.status));
}

/** One sentence for people. */
export function describeError(error: unknown): string {
  if (error instanceof Problem) return error.message;
  if (error instanceof Unreachable) return 'The server cannot be reached.';
  return error instanceof Error ? error.message : String(error);
}
