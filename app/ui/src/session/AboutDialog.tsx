import type { Session } from '../api/types';
import { Dialog } from '../controls/Dialog';
import { PAGE_VERSION } from './release';

/** Says which release and instance serves the page, and under which session. */
export function AboutDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const facts: [string, string][] = [
    ['Server release', session.version],
    ['Page release', PAGE_VERSION],
    ['Served by', session.instance.host],
    ['Instance', session.instance.id],
    ['Running since', formatTime(session.instance.started_at)],
    ['Session', session.session_id ?? 'none'],
  ];
  if (session.principal) facts.push(['Signed in as', session.principal.name]);
  return (
    <Dialog title="About this session" onClose={onClose}>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">
        Conversations live in the server’s store: they outlast a restart, and any instance can go on with them.
      </p>
    </Dialog>
  );
}

function formatTime(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toLocaleString();
}
