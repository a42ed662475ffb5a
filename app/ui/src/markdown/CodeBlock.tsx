import { useEffect, useState, type ReactNode } from 'react';
import { CopyButton } from '../controls/CopyButton';

interface CodeBlockProps {
  code: string;
  language: string | null;
  /** Whether more of it is to come. */
  growing: boolean;
}

type Highlight = (code: string, language: string) => ReactNode;

/** Above this, highlighting would hold up the page. */
const MAX_LENGTH = 60_000;
/** While it grows a block is highlighted with every frame, so only as long as that is cheap. */
const MAX_GROWING_LENGTH = 4_000;

let loaded: Highlight | null = null;
let loading: Promise<Highlight> | null = null;

/** The highlighter is no part of the first load: it comes with the first code. */
function loadHighlight(): Promise<Highlight> {
  loading ??= import('./highlight').then(({ highlight }) => (loaded = highlight));
  return loading;
}

/** A block of code, highlighted and copyable. */
export function CodeBlock({ code, language, growing }: CodeBlockProps) {
  const [highlight, setHighlight] = useState<Highlight | null>(() => loaded);

  useEffect(() => {
    if (highlight !== null || language === null) return;
    let wanted = true;
    loadHighlight().then(
      ready => {
        if (wanted) setHighlight(() => ready);
      },
      () => {
        // Its file is gone with an older release: the code stays plain, and the next block tries again.
        loading = null;
      },
    );
    return () => {
      wanted = false;
    };
  }, [highlight, language]);

  const small = code.length <= (growing ? MAX_GROWING_LENGTH : MAX_LENGTH);
  return (
    <figure className="code-block">
      <figcaption>
        <span>{language ?? 'text'}</span>
        <CopyButton text={() => code} label="Copy code" />
      </figcaption>
      {/* Wide code scrolls by itself, and must be reachable to be scrolled by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0}>
        <code>{highlight !== null && language !== null && small ? highlight(code, language) : code}</code>
      </pre>
    </figure>
  );
}
