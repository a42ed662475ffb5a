import { MonitorIcon, MoonIcon, SunIcon } from '../controls/icons';
import { useStore } from '../controls/store';
import { chooseTheme, theme, type Theme } from './theme';

const CHOICES: { value: Theme; label: string; icon: React.ReactNode }[] = [
  { value: 'system', label: 'System theme', icon: <MonitorIcon /> },
  { value: 'light', label: 'Light theme', icon: <SunIcon /> },
  { value: 'dark', label: 'Dark theme', icon: <MoonIcon /> },
];

/** Chooses between the light and the dark theme, or leaves it to the system. */
export function ThemeChoice() {
  const current = useStore(theme);
  return (
    <fieldset className="theme-choice">
      <legend className="sr-only">Theme</legend>
      {CHOICES.map(({ value, label, icon }) => (
        <label key={value} title={label}>
          <input
            type="radio"
            name="theme"
            className="sr-only"
            checked={current === value}
            onChange={() => chooseTheme(value)}
          />
          {icon}
          <span className="sr-only">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
