import type { ReactNode } from 'react';

/** Icons are drawn on a 24-unit grid in the colour of the text, and are decoration: their control carries the name. */
function icon(drawing: ReactNode) {
  return function Icon() {
    return (
      <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        {drawing}
      </svg>
    );
  };
}

export const MenuIcon = icon(<path d="M4 7h16M4 12h16M4 17h10" />);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const SearchIcon = icon(<path d="M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4 4" />);
export const PencilIcon = icon(<path d="M4 20h4L19 9l-4-4L4 16v4Zm9-13 4 4" />);
export const TrashIcon = icon(<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5" />);
export const CopyIcon = icon(<path d="M9 9h11v11H9zM5 15H4V4h11v1" />);
export const CheckIcon = icon(<path d="m5 13 4 4L19 7" />);
export const CrossIcon = icon(<path d="m6 6 12 12M18 6 6 18" />);
export const RedoIcon = icon(<path d="M20 11a8 8 0 1 0-2.300 6.300M20 5v6h-6" />);
export const ChevronLeftIcon = icon(<path d="m14 6-6 6 6 6" />);
export const ChevronRightIcon = icon(<path d="m10 6 6 6-6 6" />);
export const ArrowDownIcon = icon(<path d="M12 5v14M6 13l6 6 6-6" />);
export const ArrowUpIcon = icon(<path d="M12 19V5M6 11l6-6 6 6" />);
export const StopIcon = icon(<rect x="7" y="7" width="10" height="10" rx="2" fill="currentColor" />);
export const SlidersIcon = icon(<path d="M4 8h9M17 8h3M4 16h3M11 16h9M15 5.500v5M9 13.500v5" />);
export const HelpIcon = icon(
  <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.500 9.500a2.500 2.500 0 1 1 3.600 2.200c-.7.400-1.100.9-1.100 1.800M12 16.800v.01" />,
);
export const SunIcon = icon(
  <path d="M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M18.700 5.300l-1.400 1.400M6.700 17.300l-1.400 1.400" />,
);
export const MoonIcon = icon(<path d="M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z" />);
export const MonitorIcon = icon(<path d="M4 5h16v11H4zM9 20h6M12 16v4" />);
export const ToolIcon = icon(<path d="m7 8-4 4 4 4M17 8l4 4-4 4M14 5l-4 14" />);
export const BulbIcon = icon(<path d="M9 18h6M10 21h4M8.500 15a6 6 0 1 1 7 0c-.6.500-.5 1.500-.5 1.500H9s.1-1-.5-1.500Z" />);
export const BookIcon = icon(<path d="M6 4h12v16H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM8 8h6M8 12h6" />);
export const ImageIcon = icon(<path d="M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9.500v.01" />);
export const InfoIcon = icon(<path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v6M12 7.500v.01" />);
export const WarningIcon = icon(<path d="M12 4 2.500 20h19L12 4ZM12 10v4M12 17v.01" />);

/** The mark of Tidewire: a tide that leaves along a wire. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" className="mark-ground" />
      <path
        d="M5 19.500h4.200c2.600 0 3-9 6-9s3.400 12 6.400 12c2 0 2.300-3 4.400-3"
        className="mark-wire"
        fill="none"
        strokeWidth="2.600"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="26.200" cy="19.500" r="2.200" className="mark-end" />
    </svg>
  );
}
