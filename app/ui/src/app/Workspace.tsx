import { useCallback, useEffect, useRef, useState, type MouseEvent } from 'react';
import type { Session } from '../api/types';
import { ChatView } from '../chat/ChatView';
import { NewChatView } from '../chat/NewChatView';
import { Mark, PlusIcon } from '../controls/icons';
import { ConversationPanel } from '../conversations/ConversationPanel';
import { SessionFooter } from '../session/SessionFooter';
import { UnreachableBanner } from '../session/UnreachableBanner';
import { navigate, useRoute } from './route';
import { ShortcutsDialog } from './ShortcutsDialog';
import { useNarrow } from './useNarrow';
import { useShortcuts } from './useShortcuts';

interface WorkspaceProps {
  session: Session;
  reachable: boolean;
  onRetry: () => void;
}

/** The sidebar and the open conversation. On a narrow screen the sidebar is a drawer over the conversation. */
export function Workspace({ session, reachable, onRetry }: WorkspaceProps) {
  const { conversationId } = useRoute();
  const narrow = useNarrow();
  const [drawerOpen, setDrawerOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const sidebar = useRef<HTMLElement>(null);
  const drawer = narrow && drawerOpen;

  const openDrawer = useCallback(() => setDrawerOpen(true), []);
  const closeDrawer = useCallback(() => setDrawerOpen(false), []);
  const openHelp = useCallback(() => setHelpOpen(true), []);

  const startNew = useCallback(() => {
    navigate(null);
    setDrawerOpen(false);
    focusComposer();
  }, []);

  const search = useCallback(() => {
    setDrawerOpen(true);
    // The field can take the focus only once the drawer is no longer inert.
    requestAnimationFrame(() => document.getElementById('conversation-search')?.focus());
  }, []);

  useShortcuts({ onNew: startNew, onSearch: search, onHelp: openHelp, onFocusComposer: focusComposer });

  useEffect(() => {
    if (!drawer) return;
    const opener = document.activeElement;
    sidebar.current?.querySelector<HTMLElement>('a, button')?.focus();
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || document.querySelector('dialog[open]')) return;
      event.stopPropagation();
      setDrawerOpen(false);
    };
    document.addEventListener('keydown', onKeyDown, true);
    return () => {
      document.removeEventListener('keydown', onKeyDown, true);
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, [drawer]);

  const onNewLink = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    startNew();
  };

  return (
    <div className="workspace" data-drawer={drawer ? 'open' : undefined}>
      <a className="skip-link" href="#main">
        Skip to the conversation
      </a>
      <nav ref={sidebar} className="sidebar" aria-label="Sidebar" inert={narrow && !drawerOpen}>
        <div className="brand">
          <Mark />
          <span className="brand-name">Tidewire</span>
        </div>
        <a id="new-conversation" className="button new-conversation" href="/" onClick={onNewLink}>
          <PlusIcon />
          New conversation
        </a>
        <ConversationPanel currentId={conversationId} onOpen={closeDrawer} />
        <SessionFooter session={session} />
      </nav>
      {/* A click beside the drawer is a convenience beside Escape and its links. */}
      {drawer && <div className="drawer-backdrop" aria-hidden="true" onClick={closeDrawer} />}
      <main id="main" className="main" tabIndex={-1} inert={drawer}>
        {!reachable && <UnreachableBanner onRetry={onRetry} />}
        {conversationId === null ? (
          <NewChatView onMenu={openDrawer} onHelp={openHelp} />
        ) : (
          <ChatView key={conversationId} id={conversationId} onMenu={openDrawer} onHelp={openHelp} />
        )}
      </main>
      {helpOpen && <ShortcutsDialog onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

function focusComposer(): void {
  // After the view that holds it was rendered.
  requestAnimationFrame(() => document.getElementById('composer')?.focus());
}
