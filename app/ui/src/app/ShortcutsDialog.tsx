import { Dialog } from '../controls/Dialog';

const control = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

const SHORTCUTS: [string, string[]][] = [
  ['Send the message', ['Enter']],
  ['Begin a new line', ['Shift', 'Enter']],
  ['Edit your last message (in an empty field)', ['↑']],
  ['Stop the answer', ['Esc']],
  ['Go to the message field', ['Shift', 'Esc']],
  ['New conversation', [control, 'Shift', 'O']],
  ['Search conversations', [control, 'K']],
  ['This help', [control, '/']],
];

/** Lists the keyboard shortcuts. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="facts shortcuts">
        {SHORTCUTS.map(([what, keys]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map(key => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
