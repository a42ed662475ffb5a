import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useStickToBottom } from './useStickToBottom';

const VIEW_PX = 400;

/** A scroller whose geometry the test decides: no layout is computed here. */
function List() {
  const { scroller, content, atBottom, scrollToBottom, letGo } = useStickToBottom();
  return (
    <>
      <div ref={scroller} data-testid="scroller">
        <div ref={content} />
      </div>
      <button type="button" onClick={scrollToBottom}>
        {atBottom ? 'at the end' : 'away'}
      </button>
      <button type="button" onClick={letGo}>
        Let go
      </button>
    </>
  );
}

describe('sticking to the end of a list', () => {
  let resized: () => void = () => undefined;

  beforeEach(() => {
    vi.stubGlobal(
      'ResizeObserver',
      class {
        constructor(callback: () => void) {
          resized = callback;
        }
        observe = () => undefined;
        disconnect = () => undefined;
      },
    );
  });
  afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
  });

  function show(height: number) {
    render(<List />);
    const element = screen.getByTestId('scroller');
    const label = () => screen.getByText(/^at the end$|^away$/);
    let scrollHeight = height;
    let scrollTop = 0;
    const clamp = (top: number) => Math.max(0, Math.min(top, scrollHeight - VIEW_PX));
    Object.defineProperties(element, {
      clientHeight: { get: () => VIEW_PX },
      scrollHeight: { get: () => scrollHeight },
      scrollTop: { get: () => scrollTop, set: (top: number) => (scrollTop = clamp(top)) },
    });
    const scrolled = () => void fireEvent.scroll(element);
    fireEvent.click(label());
    scrolled();
    return {
      /** The list gets another height; the browser moves it up where its end comes before the screen's. */
      setHeight(next: number) {
        scrollHeight = next;
        scrollTop = clamp(scrollTop);
      },
      resized() {
        act(resized);
      },
      scrolled,
      scrollTo(top: number) {
        element.scrollTop = top;
        scrolled();
      },
      away: () => scrollHeight - VIEW_PX - scrollTop,
      label: () => label().textContent,
    };
  }

  it('follows what grows', () => {
    const list = show(1_000);
    for (const height of [1_020, 1_500, 3_000]) {
      list.setHeight(height);
      list.resized();
      list.scrolled();
      expect(list.away()).toBe(0);
    }
    expect(list.label()).toBe('at the end');
  });

  it('follows what turns out smaller than estimated and grows on, before anybody hears of it', () => {
    const list = show(3_000);
    // Rows are measured: the browser moves the list up. What follows is drawn before its scroll event comes.
    list.setHeight(2_000);
    list.setHeight(2_200);
    list.scrolled();
    expect(list.label()).toBe('at the end');
    list.resized();
    expect(list.away()).toBe(0);
    list.setHeight(2_600);
    list.resized();
    expect(list.away()).toBe(0);
  });

  it('stays where it is told to, also when the list shrinks meanwhile', () => {
    const list = show(3_000);
    fireEvent.click(screen.getByText('Let go'));
    list.setHeight(2_800);
    list.scrollTo(1_000);
    list.resized();
    expect(list.away()).toBe(1_400);
    expect(list.label()).toBe('away');
  });

  it('lets go when it is scrolled up, and sticks again at the end', () => {
    const list = show(3_000);
    list.scrollTo(2_000);
    expect(list.label()).toBe('away');
    list.setHeight(3_500);
    list.resized();
    expect(list.away()).toBe(1_100);
    // Also while what grows is scrolled past.
    list.scrollTo(1_900);
    expect(list.label()).toBe('away');
    list.scrollTo(3_090);
    expect(list.label()).toBe('at the end');
    list.setHeight(4_000);
    list.resized();
    expect(list.away()).toBe(0);
  });
});
