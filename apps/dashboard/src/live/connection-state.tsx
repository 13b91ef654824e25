import { useCaller } from '../session/session.js';
import { useConnection } from './use-live.js';

const words = {
  connecting: { text: 'Connecting', title: 'The stream of changes is being opened' },
  open: { text: 'Live', title: 'What you see changes as it happens' },
  lost: { text: 'Connection lost', title: 'What you see may be old. The page tries again by itself' },
  ended: { text: 'Logged out', title: 'The session has ended' },
} as const;

/** How the page is connected, always in sight. What all tenants share has no stream: its pages ask every few seconds. */
export const ConnectionState = () => {
  const status = useConnection();
  const hasStream = useCaller()?.tenant !== null;
  if (!hasStream) return null;
  const { text, title } = words[status];
  return (
    <span className={`connection connection-${status}`} role="status" title={title}>
      <span className="connection-dot" aria-hidden="true" />
      {text}
    </span>
  );
};
