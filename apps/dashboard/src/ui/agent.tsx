// The agents that come with Pulser, each with a face of its own; one style for all: a rounded field, a sign of what it does.
import './badge.css';

import type { ReactNode } from 'react';

interface Face {
  readonly from: string;
  readonly to: string;
  readonly sign: ReactNode;
}

const faces: Readonly<Record<string, Face>> = {
  // Reads the measurements: bars that rise.
  dash: { from: '#6d7bff', to: '#3d4be0', sign: <path d="M7 21v-5M13 21v-9M19 21v-7M25 21V9M6 24.5h20" /> },
  // Carries data: layers with a stream through them.
  data_fabcon: {
    from: '#18b6a0',
    to: '#0a7f78',
    sign: <path d="M7 10c4-3 6 3 9 0s5-3 9 0M7 16c4-3 6 3 9 0s5-3 9 0M7 22c4-3 6 3 9 0s5-3 9 0" />,
  },
  // Writes: a page and a pen.
  maya: { from: '#f0729f', to: '#c2366d', sign: <path d="M9 7h9l5 5v13H9zM18 7v5h5M12.5 16.5h7M12.5 20.5h5" /> },
  // Asks and listens: waves that come back.
  echo: { from: '#9a7bff', to: '#6a3fd6', sign: <path d="M10 13.5v5M14 10.5v11M18 8v16M22 12v8" /> },
  // Builds: blocks on blocks.
  arkie: {
    from: '#f59a3d',
    to: '#c8620a',
    sign: <path d="M16 6.5 24 11v9.5L16 25l-8-4.5V11zM8.3 11.2 16 15.5l7.7-4.3M16 15.5V25" />,
  },
  // Learns: a book that opens.
  learnbot: {
    from: '#4db4f5',
    to: '#1673c4',
    sign: (
      <path d="M16 10.5C13.5 8.3 10 8 7 8.5v13c3-.5 6.5-.2 9 2 2.5-2.2 6-2.5 9-2v-13c-3-.5-6.5-.2-9 2zM16 10.5V23" />
    ),
  },
  // Conducts the others: a centre with arms.
  pulser: {
    from: '#57606f',
    to: '#2c323d',
    sign: (
      <path d="M16 19a3 3 0 1 0 0-6 3 3 0 0 0 0 6M16 13V7M13.4 17.5 8 21M18.6 17.5 24 21M16 7h.01M8 21h.01M24 21h.01" />
    ),
  },
};

const unknown: Face = {
  from: '#8b93a3',
  to: '#616977',
  sign: <path d="M9 12h14v11H9zM16 12V8M16 8h.01M13 17v1m6-1v1M6.5 16v3m19-3v3" />,
};

interface AvatarProps {
  readonly agent: string;
  /** In pixels. */
  readonly size?: number;
}

/** The face of an agent; beside its name, so it says nothing to a screen reader. */
export const AgentAvatar = ({ agent, size = 20 }: AvatarProps) => {
  const known = Object.hasOwn(faces, agent) ? faces[agent] : undefined;
  const { from, to, sign } = known ?? unknown;
  const gradient = `agent-${known === undefined ? 'unknown' : agent}`;
  return (
    <svg className="avatar" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <defs>
        <linearGradient id={gradient} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor={from} />
          <stop offset="1" stopColor={to} />
        </linearGradient>
      </defs>
      <rect width="32" height="32" rx="9" fill={`url(#${gradient})`} />
      <g fill="none" stroke="#fff" strokeWidth="2.1" strokeLinecap="round" strokeLinejoin="round">
        {sign}
      </g>
    </svg>
  );
};

/** An agent by its face and name. */
export const AgentName = ({ agent, size = 18 }: AvatarProps) => (
  <span className="agent">
    <AgentAvatar agent={agent} size={size} />
    <span className="truncate">{agent}</span>
  </span>
);
