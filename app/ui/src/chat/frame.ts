/**
 * Calls back before the next paint, so that a burst of deltas renders once. A hidden page paints nothing: there a slow
 * timer takes over, so that its state does not wait until somebody looks.
 */
export function onNextFrame(callback: () => void): void {
  if (document.visibilityState === 'hidden') setTimeout(callback, 500);
  else requestAnimationFrame(callback);
}
