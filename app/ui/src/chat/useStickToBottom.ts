import { useCallback, useEffect, useRef, useState } from 'react';

const NEAR_PX = 48;

/**
 * Keeps a scroller at its end while its content grows, for as long as its user is there: scrolling up lets go, coming
 * back to the end sticks again.
 */
export function useStickToBottom() {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [atBottom, setAtBottom] = useState(true);
  const sticking = useRef(true);

  const scrollToBottom = useCallback(() => {
    sticking.current = true;
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  /** Stays where it is until the end is come to again: before something else is brought into view. */
  const letGo = useCallback(() => {
    sticking.current = false;
  }, []);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) return;
    let lastTop = element.scrollTop;
    let lastHeight = element.scrollHeight;

    const isNear = () => element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    const onScroll = () => {
      const near = isNear();
      // Only an upward move is a wish to leave: growing content leaves the end behind by itself, and content that
      // turns out smaller than it was estimated is moved up by the browser.
      if (near) sticking.current = true;
      else if (element.scrollTop < lastTop && element.scrollHeight >= lastHeight) sticking.current = false;
      lastTop = element.scrollTop;
      lastHeight = element.scrollHeight;
      setAtBottom(near || sticking.current);
    };
    const onResize = () => {
      if (sticking.current) element.scrollTop = element.scrollHeight;
      else setAtBottom(isNear());
    };

    const observer = new ResizeObserver(onResize);
    observer.observe(element);
    observer.observe(inner);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, []);

  return { scroller, content, atBottom, scrollToBottom, letGo };
}
