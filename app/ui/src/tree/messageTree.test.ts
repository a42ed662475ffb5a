import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../api/types';
import { MessageTree } from './messageTree';

let clock = 0;
function message(id: string, parent_id: string | null, role: Message['role'] = 'user'): Message {
  return {
    id,
    parent_id,
    role,
    parts: [{ type: 'text', text: id }],
    turn_id: null,
    finish_reason: 'stop',
    usage: null,
    created_at: new Date((clock += 1000)).toISOString(),
  };
}

// u1 ─ a1 ─ u2 ─ a2      (oldest branch)
//    └ a1b ─ u3 ─ a3     (the answer anew, and what followed)
//           └ u3b        (an edited question)
const ALL = [
  message('u1', null),
  message('a1', 'u1', 'assistant'),
  message('u2', 'a1'),
  message('a2', 'u2', 'assistant'),
  message('a1b', 'u1', 'assistant'),
  message('u3', 'a1b'),
  message('a3', 'u3', 'assistant'),
  message('u3b', 'a1b'),
];
const newestFirst = (messages: Message[]) => [...messages].reverse();
const full = MessageTree.EMPTY.merge(newestFirst(ALL));
const ids = (tree: MessageTree, leaf: string | null, complete = true) =>
  tree.pathTo(leaf, complete).map(entry => entry.message.id);

describe('the message tree', () => {
  it('shows the path to the newest leaf', () => {
    expect(full.newestLeaf()).toBe('u3b');
    expect(ids(full, full.newestLeaf())).toEqual(['u1', 'a1b', 'u3b']);
  });

  it('knows the branches beside each message, oldest first', () => {
    const path = full.pathTo('a3', true);
    expect(path.map(({ siblings }) => siblings)).toEqual([['u1'], ['a1', 'a1b'], ['u3', 'u3b'], ['a3']]);
  });

  it('goes down a branch to its newest leaf', () => {
    expect(full.newestLeafUnder('a1')).toBe('a2');
    expect(full.newestLeafUnder('a1b')).toBe('u3b');
    expect(full.newestLeafUnder('u3')).toBe('a3');
    expect(full.newestLeafUnder('a3')).toBe('a3');
  });

  it('counts no branches that may be incomplete while older messages are not loaded', () => {
    // The page holds a1b, but neither its parent nor its elder sibling.
    const partial = MessageTree.EMPTY.merge(newestFirst(ALL.slice(4)));
    expect(ids(partial, 'a3', false)).toEqual(['a1b', 'u3', 'a3']);
    expect(partial.pathTo('a3', false)[0]?.siblings).toEqual(['a1b']);
    const complete = partial.prepend(newestFirst(ALL.slice(0, 4)));
    expect(complete.pathTo('a3', true)[1]?.siblings).toEqual(['a1', 'a1b']);
  });

  it('counts the roots only once all are loaded', () => {
    const tree = full.put(message('u1b', null));
    expect(tree.pathTo('u1b', false)[0]?.siblings).toEqual(['u1b']);
    expect(tree.pathTo('u1b', true)[0]?.siblings).toEqual(['u1', 'u1b']);
  });

  it('is the same whatever the pages it was loaded in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(3), (size, overlap) => {
        const listed = newestFirst(ALL);
        let tree = MessageTree.EMPTY.merge(listed.slice(0, size));
        for (let at = size; at < listed.length; at += size) {
          tree = tree.prepend(listed.slice(Math.max(0, at - overlap), at + size));
        }
        for (const { id } of ALL) expect(tree.pathTo(id, true)).toEqual(full.pathTo(id, true));
        expect(tree.newestLeaf()).toBe(full.newestLeaf());
      }),
    );
  });

  it('takes in a newer page: what changed, and what is new', () => {
    const changed: Message = { ...message('u3b', 'a1b'), parts: [{ type: 'text', text: 'changed' }] };
    const tree = full.merge([message('a4', 'u3b', 'assistant'), changed]);
    expect(ids(tree, tree.newestLeaf())).toEqual(['u1', 'a1b', 'u3b', 'a4']);
    expect(tree.get('u3b')?.parts).toEqual([{ type: 'text', text: 'changed' }]);
    expect(full.get('u3b')?.parts).toEqual([{ type: 'text', text: 'u3b' }]);
  });

  it('keeps the place of a message that the server has named', () => {
    const tree = full
      .put(message('local-u', 'a3'))
      .put(message('local-a', 'local-u', 'assistant'))
      .replace('local-u', message('u9', 'a3'));
    expect(ids(tree, 'local-a')).toEqual(['u1', 'a1b', 'u3', 'a3', 'u9', 'local-a']);
    expect(tree.has('local-u')).toBe(false);
  });

  it('forgets a message that was never sent', () => {
    const tree = full.put(message('local-u', 'a3')).remove('local-u');
    expect(tree.newestLeaf()).toBe('u3b');
    expect(tree.size).toBe(full.size);
  });
});
