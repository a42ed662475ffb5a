import { memo } from 'react';
import type { Citation, Message } from '../api/types';
import { CopyButton } from '../controls/CopyButton';
import { PencilIcon, RedoIcon } from '../controls/icons';
import { useStore } from '../controls/store';
import { textOf } from '../tree/messageText';
import { AnswerBody } from './AnswerBody';
import { BranchChoice } from './BranchChoice';
import type { ChatStore } from './chatStore';
import { EditForm } from './EditForm';
import { FinishNote } from './FinishNote';
import { ImagePart } from './ImagePart';
import { MessageTime } from './MessageTime';
import { UsageNote } from './UsageNote';

interface MessageRowProps {
  chat: ChatStore;
  message: Message;
  siblings: readonly string[];
  /** Its answer streams in. */
  live: boolean;
  /** Some answer streams in: nothing else can be begun. */
  busy: boolean;
  last: boolean;
  editing: boolean;
  onEdit: (messageId: string | null) => void;
  onCitation: (citation: Citation) => void;
}

/** One message of the visible path. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  return props.message.role === 'user' ? <Question {...props} /> : <AnswerRow {...props} />;
});

function Question({ chat, message, siblings, busy, editing, onEdit }: MessageRowProps) {
  const close = () => {
    onEdit(null);
    document.getElementById('composer')?.focus();
  };
  return (
    <article className="message message-user">
      <h2 className="sr-only">You said</h2>
      {editing ? (
        <EditForm
          text={textOf(message)}
          onCancel={close}
          onSend={text => {
            close();
            chat.edit(message.id, text);
          }}
        />
      ) : (
        <>
          <div className="bubble">
            {message.parts.map((part, index) =>
              part.type === 'text' ? (
                <p key={index}>{part.text}</p>
              ) : part.type === 'image' ? (
                <ImagePart key={index} mediaType={part.media_type} data={part.data_base64} />
              ) : null,
            )}
          </div>
          <div className="message-actions">
            <MessageTime time={message.created_at} />
            <CopyButton text={() => textOf(message)} label="Copy message" />
            <button
              type="button"
              className="icon-button"
              aria-label="Edit message"
              title="Edit message"
              disabled={busy}
              onClick={() => onEdit(message.id)}
            >
              <PencilIcon />
            </button>
            {siblings.length > 1 && (
              <BranchChoice id={message.id} siblings={siblings} disabled={busy} onChoose={id => chat.showBranch(id)} />
            )}
          </div>
        </>
      )}
    </article>
  );
}

function AnswerRow({ chat, message, siblings, live, busy, last, onCitation }: MessageRowProps) {
  const regenerate = () => chat.regenerate(message.id);
  return (
    <article className="message message-assistant" aria-busy={live}>
      <h2 className="sr-only">Tidewire said</h2>
      {live ? (
        <LiveAnswer chat={chat} message={message} onCitation={onCitation} />
      ) : (
        <>
          <AnswerBody parts={message.parts} streaming={false} onCitation={onCitation} />
          <FinishNote
            message={message}
            last={last}
            disabled={busy}
            onRegenerate={regenerate}
            onContinue={() => chat.send('Continue where you left off.')}
          />
          <div className="message-actions">
            <CopyButton text={() => textOf(message)} label="Copy answer" />
            <button
              type="button"
              className="icon-button"
              aria-label="Regenerate answer"
              title="Regenerate answer"
              disabled={busy}
              onClick={regenerate}
            >
              <RedoIcon />
            </button>
            {siblings.length > 1 && (
              <BranchChoice id={message.id} siblings={siblings} disabled={busy} onChoose={id => chat.showBranch(id)} />
            )}
            {message.usage && <UsageNote usage={message.usage} />}
            <MessageTime time={message.created_at} />
          </div>
        </>
      )}
    </article>
  );
}

/** The one part of the page that renders while an answer streams. */
function LiveAnswer({ chat, message, onCitation }: Pick<MessageRowProps, 'chat' | 'message' | 'onCitation'>) {
  const answer = useStore(chat.answer);
  // Until the log begins to arrive, what was stored of a running answer is shown.
  const parts = answer.seq === 0 ? message.parts : answer.parts;
  return <AnswerBody parts={parts} toolOutput={answer.toolOutput} streaming onCitation={onCitation} />;
}
