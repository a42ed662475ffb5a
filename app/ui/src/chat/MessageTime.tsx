/** When a message was written. */
export function MessageTime({ time }: { time: string }) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return null;
  const today = date.toDateString() === new Date().toDateString();
  const short = today
    ? date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
  return (
    <time className="message-time" dateTime={time} title={date.toLocaleString()}>
      {short}
    </time>
  );
}
