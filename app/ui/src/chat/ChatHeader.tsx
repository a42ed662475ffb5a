import { HelpIcon, MenuIcon, SlidersIcon } from '../controls/icons';

interface ChatHeaderProps {
  title: string;
  onMenu: () => void;
  onHelp: () => void;
  onSettings: () => void;
}

/** The head of a conversation: its title, and what is set for it. */
export function ChatHeader({ title, onMenu, onHelp, onSettings }: ChatHeaderProps) {
  return (
    <header className="chat-header">
      <button type="button" className="icon-button menu-button" aria-label="Open the sidebar" onClick={onMenu}>
        <MenuIcon />
      </button>
      <h1 title={title}>{title}</h1>
      <button
        type="button"
        className="icon-button"
        aria-label="Conversation settings"
        title="Conversation settings"
        onClick={onSettings}
      >
        <SlidersIcon />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts"
        onClick={onHelp}
      >
        <HelpIcon />
      </button>
    </header>
  );
}
