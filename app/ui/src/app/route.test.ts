import { expect, it } from 'vitest';
import { pathOf, readRoute } from './route';

it('reads the path that it wrote, and takes any other for the start page', () => {
  for (const id of ['c_1', 'ä/b', '%']) expect(readRoute(pathOf(id))).toEqual({ conversationId: id });
  for (const path of ['/', '/c/', '/c/a/b', '/x', '/c/%E0%A4%A']) {
    expect(readRoute(path)).toEqual({ conversationId: null });
  }
});
