import { useEffect, useState } from 'react';
import { pathOf } from '../app/route';
import { useServices } from '../app/services';
import { describeError } from '../api/problem';
import { useStore } from '../controls/store';
import { UNTITLED } from '../conversations/ConversationRow';
import { ChatHeader } from './ChatHeader';
import { Composer } from './Composer';
import { FailureNote } from './FailureNote';
import { MessageList } from './MessageList';
import { ModelChoice } from './ModelChoice';
import { SettingsDialog } from './SettingsDialog';

interface ChatViewProps {
  id: string;
  onMenu: () => void;
  onHelp: () => void;
}

/** An open conversation. */
export function ChatView({ id, onMenu, onHelp }: ChatViewProps) {
  const { chats } = useServices();
  const [chat] = useState(() => chats.get(id));
  const state = useStore(chat);
  const { status, conversation, turn, path, failure } = state;
  const [settingsOpen, setSettingsOpen] = useState(false);
  const [editingId, setEditingId] = useState<string | null>(null);
  const [optionFailure, setOptionFailure] = useState<string | null>(null);
  const title = status === 'missing' ? 'Not found' : (conversation?.title ?? UNTITLED);
  const running = turn !== null;

  useEffect(() => chats.acquire(chat), [chats, chat]);

  useEffect(() => {
    document.title = `${title} · Tidewire`;
  }, [title]);

  useEffect(() => {
    const onVisible = () => {
      if (document.visibilityState === 'visible') void chat.refresh();
    };
    document.addEventListener('visibilitychange', onVisible);
    window.addEventListener('focus', onVisible);
    return () => {
      document.removeEventListener('visibilitychange', onVisible);
      window.removeEventListener('focus', onVisible);
    };
  }, [chat]);

  useEffect(() => {
    if (!running) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.shiftKey || event.defaultPrevented) return;
      if (document.querySelector('dialog[open], [data-editing]')) return;
      // In the search field it clears the search, in a list it closes the list.
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
      void chat.stop();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [chat, running]);

  const editLast = () => {
    const last = path.findLast(({ message }) => message.role === 'user');
    if (last && !running) setEditingId(last.message.id);
  };

  const chooseModel = (model: string) => {
    setOptionFailure(null);
    chat.change({ model }).catch((error: unknown) => setOptionFailure(describeError(error)));
  };

  return (
    <>
      <ChatHeader title={title} onMenu={onMenu} onHelp={onHelp} onSettings={() => setSettingsOpen(true)} />
      {status === 'ready' ? (
        <MessageList chat={chat} state={state} editingId={editingId} onEdit={setEditingId} />
      ) : (
        <div className="chat-status">
          {status === 'loading' && <p role="status">Loading the conversation…</p>}
          {status === 'missing' && (
            <>
              <p>This conversation does not exist, or no longer does.</p>
              <a className="button" href={pathOf(null)}>
                Start a new one
              </a>
            </>
          )}
          {status === 'failed' && (
            <>
              <p>The conversation could not be loaded. {failure}</p>
              <button type="button" className="button" onClick={() => void chat.load()}>
                Try again
              </button>
            </>
          )}
        </div>
      )}
      {status !== 'missing' && (
        <div className="chat-foot">
          {turn?.reconnecting === true && (
            <p className="reconnecting" role="status">
              Reconnecting…
            </p>
          )}
          {status === 'ready' && failure !== null && (
            <FailureNote text={failure} onDismiss={() => chat.dismissFailure()} />
          )}
          {optionFailure !== null && <FailureNote text={optionFailure} onDismiss={() => setOptionFailure(null)} />}
          <Composer
            draftKey={id}
            running={running}
            stopping={turn?.stopping === true}
            blocked={status !== 'ready'}
            returned={state.returned}
            onSend={text => chat.send(text)}
            onStop={() => void chat.stop()}
            onEditLast={editLast}
          >
            <ModelChoice model={conversation?.model ?? null} onChoose={chooseModel} />
          </Composer>
        </div>
      )}
      {settingsOpen && conversation && (
        <SettingsDialog
          system={conversation.system ?? ''}
          onSave={system => chat.change({ system })}
          onClose={() => setSettingsOpen(false)}
        />
      )}
    </>
  );
}
