import { useEffect, useState } from 'react';
import { navigate } from '../app/route';
import { useServices } from '../app/services';
import { describeError } from '../api/problem';
import { Mark } from '../controls/icons';
import { ChatHeader } from './ChatHeader';
import { Composer } from './Composer';
import { FailureNote } from './FailureNote';
import { ModelChoice } from './ModelChoice';
import { SettingsDialog } from './SettingsDialog';

const SUGGESTIONS = [
  'How do I connect Tidewire to Bedrock?',
  'How do I use Tidewire with an OpenAI client library?',
  'What happens to an answer when the server restarts?',
  'How do I add my own documents?',
];

/** A conversation that does not exist yet: its first message creates it. */
export function NewChatView({ onMenu, onHelp }: { onMenu: () => void; onHelp: () => void }) {
  const { api, chats } = useServices();
  const [model, setModel] = useState<string | null>(null);
  const [system, setSystem] = useState('');
  const [settingsOpen, setSettingsOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [returned, setReturned] = useState<{ text: string } | null>(null);

  useEffect(() => {
    document.title = 'Tidewire';
  }, []);

  const send = async (text: string) => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    try {
      const conversation = await api.createConversation({
        ...(model === null ? {} : { model }),
        ...(system === '' ? {} : { system }),
      });
      chats.adopt(conversation).send(text);
      navigate(conversation.id);
    } catch (error) {
      setBusy(false);
      setFailure(describeError(error));
      setReturned({ text });
    }
  };

  return (
    <>
      <ChatHeader
        title="New conversation"
        onMenu={onMenu}
        onHelp={onHelp}
        onSettings={() => setSettingsOpen(true)}
      />
      <div className="welcome">
        <div className="welcome-inner">
          <Mark />
          <h2>What would you like to know?</h2>
          <p className="muted">Answers stream as they are written, and go on when you reload or leave.</p>
          <ul className="suggestions" aria-label="Suggestions">
            {SUGGESTIONS.map(suggestion => (
              <li key={suggestion}>
                <button type="button" disabled={busy} onClick={() => void send(suggestion)}>
                  {suggestion}
                </button>
              </li>
            ))}
          </ul>
        </div>
      </div>
      <div className="chat-foot">
        {failure !== null && <FailureNote text={failure} onDismiss={() => setFailure(null)} />}
        <Composer
          draftKey="new"
          running={false}
          stopping={false}
          blocked={busy}
          returned={returned}
          onSend={text => void send(text)}
          onStop={() => undefined}
        >
          <ModelChoice model={model} onChoose={setModel} />
        </Composer>
      </div>
      {settingsOpen && (
        <SettingsDialog
          system={system}
          onSave={text => {
            setSystem(text);
            return Promise.resolve();
          }}
          onClose={() => setSettingsOpen(false)}
        />
      )}
    </>
  );
}
