/** Puts a text on the clipboard; `false` when the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  // Typed as always present, but absent in insecure contexts (plain HTTP to another machine).
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (!clipboard) return copyBySelection(text);
  try {
    await clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'sr-only';
  field.setAttribute('aria-hidden', 'true');
  document.body.append(field);
  field.select();
  try {
    // Deprecated, and all there is without the Clipboard API.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
