import type { Element } from 'hast';
import { createContext, memo, useContext, useState, type ReactNode } from 'react';
import Markdown, { type Components } from 'react-markdown';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { ImageIcon } from '../controls/icons';
import { createBlockSplitter } from './blocks';
import { useCitations } from './citationContext';
import { citationName } from './citationName';
import { CodeBlock } from './CodeBlock';
import { readCitationHref, safeHref } from './links';
import { disarm, linkCitations } from './plugins';

interface MarkdownTextProps {
  text: string;
  /** Whether more of it is to come. */
  streaming: boolean;
}

/** What a model wrote, as Markdown. Nothing in it can become HTML, run, or load anything. */
export const MarkdownText = memo(function MarkdownText({ text, streaming }: MarkdownTextProps) {
  const [splitter] = useState(createBlockSplitter);
  const blocks = splitter.split(text);
  return (
    <div className="markdown">
      {blocks.map(({ source, headingLevel }, index) => (
        // Blocks are only ever appended to, so that their place is their identity.
        <MarkdownBlock
          key={index}
          source={source}
          headingLevel={headingLevel}
          growing={streaming && index === blocks.length - 1}
        />
      ))}
    </div>
  );
});

interface BlockState {
  headingLevel: number | null;
  growing: boolean;
}

const BlockContext = createContext<BlockState>({ headingLevel: null, growing: false });

const MarkdownBlock = memo(function MarkdownBlock({ source, headingLevel, growing }: { source: string } & BlockState) {
  return (
    <BlockContext value={{ headingLevel, growing }}>
      <Markdown
        remarkPlugins={REMARK_PLUGINS}
        rehypePlugins={REHYPE_PLUGINS}
        components={COMPONENTS}
        // Links decide for themselves what they follow.
        urlTransform={url => url}
      >
        {source}
      </Markdown>
    </BlockContext>
  );
});

const REMARK_PLUGINS = [remarkGfm, disarm, linkCitations];
const REHYPE_PLUGINS: [typeof rehypeSanitize, typeof defaultSchema][] = [
  [
    rehypeSanitize,
    {
      ...defaultSchema,
      attributes: {
        ...defaultSchema.attributes,
        // No `id`: those of two messages would clash.
        '*': (defaultSchema.attributes?.['*'] ?? []).filter(name => name !== 'id'),
        a: ['href', 'title', ['className', 'md-image']],
      },
      protocols: { href: ['http', 'https', 'mailto'] },
    },
  ],
];

const COMPONENTS: Components = {
  a: ({ href, className, children }) => (
    <Anchor href={href} image={className === 'md-image'}>
      {children}
    </Anchor>
  ),
  pre: ({ node }) => <Pre node={node} />,
  table: ({ children }) => (
    // A wide table scrolls by itself, and must be reachable to be scrolled by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  input: ({ checked }) => (
    <input type="checkbox" checked={checked === true} disabled aria-label={checked === true ? 'Done' : 'To do'} />
  ),
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
};

function Pre({ node }: { node: Element | undefined }) {
  const { growing } = useContext(BlockContext);
  const code = node?.children.find(child => child.type === 'element');
  if (code?.type !== 'element') return null;
  const classes = Array.isArray(code.properties.className) ? code.properties.className : [];
  const language = classes.map(String).find(name => name.startsWith('language-'));
  const text = code.children.map(child => (child.type === 'text' ? child.value : '')).join('');
  return <CodeBlock code={text.replace(/\n$/, '')} language={language?.slice(9) ?? null} growing={growing} />;
}

/** A heading at its place in the outline of the page; inside of a quote or a list it is text. */
function Heading({ children }: { children?: ReactNode }) {
  const { headingLevel } = useContext(BlockContext);
  switch (headingLevel) {
    case 3:
      return <h3>{children}</h3>;
    case 4:
      return <h4>{children}</h4>;
    case 5:
      return <h5>{children}</h5>;
    case 6:
      return <h6>{children}</h6>;
    default:
      return <p className="md-heading">{children}</p>;
  }
}

function Anchor({ href, image, children }: { href: string | undefined; image: boolean; children: ReactNode }) {
  const { byIndex, open } = useCitations();
  const index = readCitationHref(href);
  if (index !== null) {
    const citation = byIndex.get(index);
    if (!citation) return children;
    return (
      <button
        type="button"
        className="citation-marker"
        aria-label={`Source ${index}: ${citationName(citation)}`}
        title={citationName(citation)}
        onClick={() => open(citation)}
      >
        {index}
      </button>
    );
  }
  const safe = safeHref(href);
  if (safe === null) return <span className="dead-link">{children}</span>;
  return (
    <a
      href={safe}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className={image ? 'md-image' : undefined}
      title={image ? undefined : safe}
    >
      {image && (
        <>
          <ImageIcon />
          <span className="sr-only">Image, not loaded: </span>
        </>
      )}
      {children}
      {image && <span className="md-image-address">{safe}</span>}
    </a>
  );
}
