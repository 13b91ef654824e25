import './page.css';

import type { ReactNode } from 'react';

interface WideTableProps {
  /** What the table is about: spoken when the focus comes to it. */
  readonly label: string;
  readonly children: ReactNode;
}

/** A plain table that scrolls by itself where the screen is narrower than it; the keyboard can scroll it too. */
export const WideTable = ({ label, children }: WideTableProps) => (
  <div className="wide-table" role="group" aria-label={label} tabIndex={0}>
    {children}
  </div>
);
