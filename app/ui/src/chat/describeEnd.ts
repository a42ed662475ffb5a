import type { Message } from '../api/types';
import { textOf } from '../tree/messageText';

const EXCERPT_LENGTH = 400;

/** What users of a screen reader are told when an answer has ended. */
export function describeEnd(message: Message): string {
  const text = textOf(message);
  const excerpt = text.length > EXCERPT_LENGTH ? `${text.slice(0, EXCERPT_LENGTH)}…` : text;
  switch (message.finish_reason) {
    case 'stopped':
      return 'The answer was stopped.';
    case 'error':
      return 'The answer failed.';
    case 'interrupted':
      return 'The answer was interrupted.';
    default:
      return `Answer: ${excerpt}`;
  }
}
