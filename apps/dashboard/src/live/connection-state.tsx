import { useConnection } from './use-live.js';

const words = {
  connecting: { text: 'Connecting', title: 'The stream of changes is being opened' },
  open: { text: 'Live', title: 'What you see changes as it happens' },
  lost: { text: 'Connection lost', title: 'What you see may be old. The page tries again by itself' },
  ended: { text: 'Logged out', title: 'The session has ended' },
} as const;

/** How the page is connected, always in sight. */
export const ConnectionState = () => {
  const status = useConnection();
  const { text, title } = words[status];
  return (
    <span className={`connection connection-${status}`} role="status" title={title}>
      <span className="connection-dot" aria-hidden="true" />
      {text}
    </span>
  );
};
