import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Citation } from '../api/types';
import { ArrowDownIcon } from '../controls/icons';
import type { PathEntry } from '../tree/messageTree';
import type { ChatState } from './chatState';
import type { ChatStore } from './chatStore';
import { CitationDialog } from './CitationDialog';
import { MessageRow } from './MessageRow';
import { useStickToBottom } from './useStickToBottom';

interface MessageListProps {
  chat: ChatStore;
  state: ChatState;
  editingId: string | null;
  onEdit: (messageId: string | null) => void;
}

/** How near to its beginning the list is scrolled when older messages are fetched. */
const OLDER_MARGIN_PX = 1_200;
const PADDING_PX = 24;

/** The visible path. Only what is near the viewport is in the document, however long the conversation. */
export function MessageList({ chat, state, editingId, onEdit }: MessageListProps) {
  const { path, turn, hasOlder, loadingOlder, grewAtTop } = state;
  const list = useRef<VirtualizerHandle>(null);
  const [citation, setCitation] = useState<Citation | null>(null);
  const [focusedKey, setFocusedKey] = useState<string | null>(null);
  const { scroller, content, atBottom, scrollToBottom, letGo } = useStickToBottom();

  const fetchOlder = useCallback(() => {
    const handle = list.current;
    if (handle && hasOlder && !loadingOlder && handle.scrollOffset < OLDER_MARGIN_PX) void chat.loadOlder();
  }, [chat, hasOlder, loadingOlder]);

  // Also when a page brought nothing that is on this path, or not enough to fill the screen.
  useEffect(fetchOlder, [fetchOlder, path]);

  useLayoutEffect(scrollToBottom, [scrollToBottom]);

  // What one asks oneself is always brought into view.
  const running = turn?.messageId;
  useEffect(() => {
    if (running !== undefined) scrollToBottom();
  }, [running, scrollToBottom]);

  const editIndex = path.findIndex(({ message }) => message.id === editingId);
  useEffect(() => {
    if (editIndex < 0) return;
    // The form may be lower than the question was: a list that shrinks while it is scrolled would stick to its end.
    letGo();
    list.current?.scrollToIndex(editIndex, { align: 'nearest' });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when editing begins
  }, [editingId]);

  // What is being edited, or holds the focus, must not vanish by being scrolled away.
  const keptKeys = [editingId, focusedKey];
  const keepMounted = path.flatMap(({ message }, index) => (keptKeys.includes(message.id) ? [index] : []));

  const renderRow = ({ message, siblings }: PathEntry, index: number) => (
    // The row is no control: it only learns that one inside of it has the focus.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      key={chat.keyOf(message.id)}
      className="message-row"
      onFocus={() => setFocusedKey(message.id)}
      onBlur={() => setFocusedKey(null)}
    >
      <MessageRow
        chat={chat}
        message={message}
        siblings={siblings}
        live={turn?.messageId === message.id}
        busy={turn !== null}
        last={index === path.length - 1}
        editing={editingId === message.id}
        onEdit={onEdit}
        onCitation={setCitation}
      />
    </div>
  );

  return (
    <div className="messages-frame">
      {/* The list must be reachable to be scrolled by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} className="messages" tabIndex={0} role="region" aria-label="Messages">
        {loadingOlder && (
          <p className="older-note" role="status">
            Loading earlier messages…
          </p>
        )}
        <div ref={content} className="messages-content">
          <Virtualizer
            ref={list}
            scrollRef={scroller}
            data={path}
            shift={grewAtTop}
            startMargin={PADDING_PX}
            bufferSize={800}
            keepMounted={keepMounted}
            onScroll={fetchOlder}
          >
            {renderRow}
          </Virtualizer>
        </div>
      </div>
      {/* Where it would be, the buttons of a form may be. */}
      {!atBottom && editingId === null && (
        <button
          type="button"
          className="round-button jump-button"
          aria-label="Jump to the latest message"
          title="Jump to the latest message"
          onClick={scrollToBottom}
        >
          <ArrowDownIcon />
        </button>
      )}
      {citation && <CitationDialog citation={citation} onClose={() => setCitation(null)} />}
    </div>
  );
}
