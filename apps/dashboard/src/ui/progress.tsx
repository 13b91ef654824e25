import './state.css';

import type { ReactNode } from 'react';

interface ProgressProps {
  /** What goes on: "Cancelling". */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** The same in words. */
  readonly children: ReactNode;
}

/** How far a long action has come, announced as it grows. */
export const Progress = ({ label, done, total, children }: ProgressProps) => (
  <div className="progress">
    <progress value={done} max={total} aria-label={label} />
    <p className="num" aria-live="polite">
      {children}
    </p>
  </div>
);
