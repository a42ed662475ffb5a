import type { MouseEvent } from 'react';
import { navigate, pathOf } from '../app/route';
import type { Conversation } from '../api/types';
import { PencilIcon, TrashIcon } from '../controls/icons';

interface ConversationRowProps {
  conversation: Conversation;
  current: boolean;
  onOpen: () => void;
  onRename: () => void;
  onDelete: () => void;
}

/** What a conversation is called while it has no title. */
export const UNTITLED = 'New conversation';

/** One conversation of the list: a true link, so that it also opens in another tab. */
export function ConversationRow({ conversation, current, onOpen, onRename, onDelete }: ConversationRowProps) {
  const title = conversation.title ?? UNTITLED;
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(conversation.id);
    onOpen();
  };
  return (
    <li className="conversation-row" data-current={current || undefined}>
      <a
        href={pathOf(conversation.id)}
        title={title}
        aria-current={current ? 'page' : undefined}
        className="conversation-link"
        onClick={open}
      >
        <span className="conversation-title">{title}</span>
        {conversation.active_turn !== null && (
          <span className="conversation-active">
            <span className="sr-only">, answering</span>
          </span>
        )}
      </a>
      <span className="conversation-actions">
        <button type="button" className="icon-button" aria-label={`Rename ${title}`} title="Rename" onClick={onRename}>
          <PencilIcon />
        </button>
        <button type="button" className="icon-button" aria-label={`Delete ${title}`} title="Delete" onClick={onDelete}>
          <TrashIcon />
        </button>
      </span>
    </li>
  );
}
