import { useEffect, useState } from 'react';
import { announce } from './announcer';
import { copyText } from './clipboard';
import { CheckIcon, CopyIcon } from './icons';

const CONFIRM_MS = 1_600;

/** Copies a text, which is asked for only when it is needed. */
export function CopyButton({ text, label }: { text: () => string; label: string }) {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    const done = await copyText(text());
    setCopied(done);
    announce(done ? 'Copied.' : 'The browser did not allow copying.');
  };

  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={() => void copy()}>
      {copied ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}
