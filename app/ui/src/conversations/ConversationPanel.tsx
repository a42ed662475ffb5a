import { useEffect, useRef, useState } from 'react';
import { navigate } from '../app/route';
import { useServices } from '../app/services';
import type { Conversation } from '../api/types';
import { announce } from '../controls/announcer';
import { SearchIcon } from '../controls/icons';
import { useStore } from '../controls/store';
import { ConversationRow } from './ConversationRow';
import { DeleteDialog } from './DeleteDialog';
import { RenameDialog } from './RenameDialog';

const SEARCH_DELAY_MS = 250;
/** How often the list looks whether an answer that streams elsewhere has ended. */
const REFRESH_MS = 15_000;

type Asking = { what: 'rename' | 'delete'; conversation: Conversation } | null;

/** The list of conversations: search, paging, rename, delete. */
export function ConversationPanel({ currentId, onOpen }: { currentId: string | null; onOpen: () => void }) {
  const { conversations, chats } = useServices();
  const { items, query, nextCursor, status, failure } = useStore(conversations);
  const [asking, setAsking] = useState<Asking>(null);
  const end = useRef<HTMLDivElement>(null);

  const someActive = items.some(({ active_turn }) => active_turn !== null);
  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState === 'visible') void conversations.refresh();
    };
    document.addEventListener('visibilitychange', refresh);
    const timer = someActive ? setInterval(refresh, REFRESH_MS) : undefined;
    return () => {
      document.removeEventListener('visibilitychange', refresh);
      clearInterval(timer);
    };
  }, [conversations, someActive]);

  // The next page is fetched as its end comes into view.
  useEffect(() => {
    const sentinel = end.current;
    if (!sentinel || nextCursor === null || status !== 'ready') return;
    const observer = new IntersectionObserver(
      entries => {
        if (entries.some(entry => entry.isIntersecting)) void conversations.loadMore();
      },
      { rootMargin: '200px' },
    );
    observer.observe(sentinel);
    return () => observer.disconnect();
  }, [conversations, nextCursor, status]);

  return (
    <>
      <SearchField />
      <div className="conversation-scroll">
        <ul className="conversation-list" aria-label="Conversations" aria-busy={status === 'loading'}>
          {items.map(conversation => (
            <ConversationRow
              key={conversation.id}
              conversation={conversation}
              current={conversation.id === currentId}
              onOpen={onOpen}
              onRename={() => setAsking({ what: 'rename', conversation })}
              onDelete={() => setAsking({ what: 'delete', conversation })}
            />
          ))}
        </ul>
        {status === 'failed' ? (
          <p className="conversation-note">
            {failure}{' '}
            <button type="button" className="link-button" onClick={() => void conversations.load()}>
              Try again
            </button>
          </p>
        ) : (
          items.length === 0 && (
            <p className="conversation-note">
              {status === 'loading' ? 'Loading…' : query === '' ? 'No conversations yet.' : 'Nothing found.'}
            </p>
          )
        )}
        <div ref={end} className="conversation-end" />
      </div>
      {asking?.what === 'rename' && (
        <RenameDialog
          conversation={asking.conversation}
          onRename={async title => chats.takeConversation(await conversations.rename(asking.conversation.id, title))}
          onClose={() => setAsking(null)}
        />
      )}
      {asking?.what === 'delete' && (
        <DeleteDialog
          conversation={asking.conversation}
          onDelete={async () => {
            await conversations.delete(asking.conversation.id);
            announce('Conversation deleted.');
            if (asking.conversation.id === currentId) navigate(null);
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  );
}

function SearchField() {
  const { conversations } = useServices();
  const { query } = useStore(conversations);
  const [text, setText] = useState(query);

  useEffect(() => {
    if (text.trim() === conversations.get().query) return;
    const timer = setTimeout(() => void conversations.load(text.trim()), SEARCH_DELAY_MS);
    return () => clearTimeout(timer);
  }, [text, conversations]);

  return (
    <div className="search">
      <SearchIcon />
      <input
        type="search"
        id="conversation-search"
        aria-label="Search conversations"
        placeholder="Search"
        autoComplete="off"
        value={text}
        onChange={event => setText(event.target.value)}
      />
    </div>
  );
}
