/** The release that this page was built as (package.json), put in by Vite. */
declare const __TIDEWIRE_VERSION__: string;
