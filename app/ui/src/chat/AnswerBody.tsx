import { useMemo } from 'react';
import type { Citation, Part } from '../api/types';
import { BulbIcon, WarningIcon } from '../controls/icons';
import { CitationProvider } from '../markdown/citationContext';
import { MarkdownText } from '../markdown/MarkdownText';
import { citationsOf } from '../tree/messageText';
import type { ToolOutput } from '../turns/answer';
import { ImagePart } from './ImagePart';
import { toSections, type Section } from './sections';
import { SourceChip } from './SourceChip';
import { ToolCall } from './ToolCall';

interface AnswerBodyProps {
  parts: Part[];
  toolOutput?: Record<string, ToolOutput[]>;
  streaming: boolean;
  onCitation: (citation: Citation) => void;
}

/** What an assistant message says: text, reasoning, tools, sources, errors. */
export function AnswerBody({ parts, toolOutput = {}, streaming, onCitation }: AnswerBodyProps) {
  const sections = toSections(parts);
  const citations = citationsOf(parts);
  // The sources change seldom, and with them every marker renders again: keep what did not change.
  const signature = citations.map(({ index }) => index).join();
  const context = useMemo(
    () => ({ byIndex: new Map(citations.map(citation => [citation.index, citation])), open: onCitation }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the signature stands for the citations
    [signature, onCitation],
  );
  const waiting = streaming && needsPulse(sections.at(-1));

  return (
    <CitationProvider value={context}>
      {sections.map((section, index) => {
        const growing = streaming && index === sections.length - 1;
        switch (section.kind) {
          case 'text':
            return <MarkdownText key={index} text={section.text} streaming={growing} />;
          case 'reasoning':
            return (
              <details key={index} className="fold">
                <summary data-pulse={growing || undefined}>
                  <BulbIcon />
                  <span>{growing ? 'Thinking…' : 'Reasoning'}</span>
                </summary>
                <p className="reasoning-text">{section.text}</p>
              </details>
            );
          case 'tool':
            return (
              <ToolCall
                key={section.callId}
                name={section.name}
                arguments={section.arguments}
                result={section.result}
                output={toolOutput[section.callId] ?? []}
                running={streaming && section.result === null}
              />
            );
          case 'image':
            return <ImagePart key={index} mediaType={section.mediaType} data={section.data} />;
          case 'error':
            return (
              <p key={index} className="answer-error">
                <WarningIcon />
                <span>{section.message}</span>
              </p>
            );
        }
      })}
      {waiting && (
        <p className="waiting">
          <span className="sr-only">Waiting for the answer</span>
          <span className="waiting-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
        </p>
      )}
      {citations.length > 0 && (
        <ul className="sources" aria-label="Sources">
          {citations.map(citation => (
            <li key={citation.index}>
              <SourceChip citation={citation} onOpen={onCitation} />
            </li>
          ))}
        </ul>
      )}
    </CitationProvider>
  );
}

/** Text, thoughts and running tools show by themselves that something happens. */
function needsPulse(last: Section | undefined): boolean {
  return last === undefined || (last.kind === 'tool' && last.result !== null);
}
