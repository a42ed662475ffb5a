const RELOADED_FOR = 'tidewire.reloaded-for';

/** The release that this page was built as. */
export const PAGE_VERSION = __TIDEWIRE_VERSION__;

/**
 * Whether the page should be reloaded to become the release that serves it. Only once for each release: while two of
 * them run side by side, or when a cache still holds the old page, it must not reload for ever.
 */
export function isOutdated(
  serverVersion: string,
  pageVersion = PAGE_VERSION,
  storage: Pick<Storage, 'getItem'> = sessionStorage,
): boolean {
  return serverVersion !== pageVersion && storage.getItem(RELOADED_FOR) !== serverVersion;
}

/** Reloads the page for a release. */
export function reloadFor(serverVersion: string): void {
  sessionStorage.setItem(RELOADED_FOR, serverVersion);
  location.reload();
}
