import type { Root, RootContent } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';

/** One top-level block of a text. Blocks render apart, so that only the one that grows is parsed again. */
export interface Block {
  source: string;
  /** For a heading: its level on the page (3 to 6), without gaps below the message's own level 2. */
  headingLevel: number | null;
}

export interface BlockSplitter {
  /** The blocks of a text. When it extends the previous one, only its last block is parsed anew. */
  split(text: string): readonly Block[];
}

interface PlacedBlock extends Block {
  start: number;
  headingDepth: number | null;
}

const parser = unified().use(remarkParse).use(remarkGfm).freeze();

/** A splitter for one text that grows. */
export function createBlockSplitter(): BlockSplitter {
  let previous = '';
  let placed: PlacedBlock[] = [];

  return {
    split(text) {
      if (text === previous) return placed;
      // In Markdown what follows can change the last block only (a paragraph may become a heading or a table).
      const last = text.startsWith(previous) ? placed.at(-1) : undefined;
      const start = last?.start ?? 0;
      const kept = last ? placed.slice(0, -1) : [];
      const found = findBlocks(text, start);
      // A definition holds for the whole text, before and after it: then the text is one block.
      placed = found === 'whole' ? [wholeText(text)] : levelHeadings([...kept, ...found]);
      previous = text;
      return placed;
    },
  };
}

function findBlocks(text: string, start: number): PlacedBlock[] | 'whole' {
  const tail = text.slice(start);
  const { children }: Root = parser.parse(tail);
  if (children.some(({ type }) => type === 'definition' || type === 'footnoteDefinition')) return 'whole';
  return children.map((node, index) => {
    const from = index === 0 ? 0 : lineStart(tail, node);
    const next = children[index + 1];
    const to = next ? lineStart(tail, next) : tail.length;
    return {
      source: tail.slice(from, to),
      start: start + from,
      headingDepth: node.type === 'heading' ? node.depth : null,
      headingLevel: null,
    };
  });
}

/** A node's position leaves out the indentation before it, which may matter (indented code). */
function lineStart(text: string, node: RootContent): number {
  const offset = node.position?.start.offset ?? 0;
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function wholeText(text: string): PlacedBlock {
  return { source: text, start: 0, headingDepth: null, headingLevel: null };
}

/** Models begin with any level and skip some; a page's outline must not. */
function levelHeadings(blocks: PlacedBlock[]): PlacedBlock[] {
  const open: number[] = [];
  return blocks.map(block => {
    const { headingDepth } = block;
    if (headingDepth === null) return block;
    while (open.length > 0 && (open.at(-1) ?? 0) >= headingDepth) open.pop();
    open.push(headingDepth);
    const headingLevel = Math.min(2 + open.length, 6);
    return headingLevel === block.headingLevel ? block : { ...block, headingLevel };
  });
}
