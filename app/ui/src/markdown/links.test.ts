import { expect, it } from 'vitest';
import { citationHref, readCitationHref, safeHref } from './links';

it.each([
  'javascript:alert(1)',
  ' javascript:alert(1)',
  'JAVASCRIPT:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'blob:https://example.com/x',
  'file:///etc/passwd',
  '//example.com',
  '/api/session',
  'c/other',
  '#main',
  '',
  undefined,
])('follows no link to %j', url => {
  expect(safeHref(url)).toBeNull();
});

it.each(['https://example.com/a?b#c', 'http://example.com/', 'mailto:me@example.com'])('follows %s', url => {
  expect(safeHref(url)).toBe(url);
});

it('knows the markers that it made', () => {
  expect(readCitationHref(citationHref('12'))).toBe(12);
  expect(readCitationHref('https://example.com/#citation-1')).toBeNull();
});
