import type { PhrasingContent, Root, RootContent } from 'mdast';
import { findAndReplace } from 'mdast-util-find-and-replace';
import { citationHref } from './links';

/** Turns `[1]` in the text, but not in code or in a link, into a link to the source of this number. */
export function linkCitations() {
  return (tree: Root) => {
    findAndReplace(
      tree,
      [
        /\[(\d{1,3})\]/g,
        (marker: string, index: string) => ({
          type: 'link',
          url: citationHref(index),
          children: [{ type: 'text', value: marker }],
        }),
      ],
      { ignore: ['link', 'linkReference'] },
    );
  };
}

type Content = RootContent | PhrasingContent;

/**
 * Leaves nothing in the tree that could become HTML or load something: raw HTML becomes the text that it is, and an
 * image becomes a link, since loading it would tell its server about the conversation.
 */
export function disarm() {
  return (tree: Root) => {
    tree.children = disarmAll(tree.children, { inLink: false, inline: false });
  };
}

interface Surroundings {
  inLink: boolean;
  inline: boolean;
}

function disarmAll(nodes: readonly Content[], surroundings: Surroundings): Content[] {
  return nodes.map(node => disarmNode(node, surroundings));
}

function disarmNode(node: Content, surroundings: Surroundings): Content {
  switch (node.type) {
    case 'html': {
      // Models write line breaks into table cells this way.
      if (surroundings.inline && /^<br\s*\/?>$/i.test(node.value)) return { type: 'break' };
      const text = { type: 'text' as const, value: node.value };
      return surroundings.inline ? text : { type: 'paragraph', children: [text] };
    }
    case 'image': {
      const alt = node.alt ?? '';
      const text = { type: 'text' as const, value: alt === '' ? 'Image' : alt };
      if (surroundings.inLink) return text;
      return { type: 'link', url: node.url, children: [text], data: { hProperties: { className: ['md-image'] } } };
    }
    case 'imageReference':
      return { type: 'text', value: node.alt ?? 'Image' };
    default:
      if ('children' in node) {
        const inner = {
          inLink: surroundings.inLink || node.type === 'link' || node.type === 'linkReference',
          inline: surroundings.inline || INLINE_PARENTS.has(node.type),
        };
        return { ...node, children: disarmAll(node.children, inner) } as Content;
      }
      return node;
  }
}

const INLINE_PARENTS = new Set(['paragraph', 'heading', 'tableCell']);
