// Runs before the first paint, outside the bundle: the page's Content-Security-Policy allows no inline script.
// src/theme/theme.ts reads and writes the same key.
try {
  const theme = localStorage.getItem('tidewire.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's preference applies then.
}
