// The tools of one server that the caller may call.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { FlagBadge } from '../../mcp/badges.js';
import { toolsQuery } from '../../mcp/mcp-queries.js';
import { shortName } from '../../mcp/tool-words.policy.js';
import { useMay } from '../../session/session.js';
import { ErrorState } from '../../ui/error-state.js';
import { Panel } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';

export const ServerTools = ({ server }: { readonly server: string }) => {
  const mayCall = useMay('operator');
  const { data, error, refetch } = useQuery({ ...toolsQuery, enabled: mayCall });
  if (!mayCall)
    return (
      <Panel title="Tools">
        <p className="muted">Operators see and call them.</p>
      </Panel>
    );
  const tools = data?.filter((tool) => tool.server === server);
  return (
    <Panel title="Tools that you may call" isFlush>
      {tools === undefined ? (
        error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : tools.length === 0 ? (
        <p className="quiet-line">None. A key sees what only reads, unless its tools name others.</p>
      ) : (
        <ul className="mcp-tools">
          {tools.map(({ name, title, description, flag }) => (
            <li key={name}>
              <Link to="/mcp/tools/$name" params={{ name }} className="mcp-tool">
                <span className="mcp-tool-head">
                  <span className="mono">{shortName(name)}</span>
                  <FlagBadge flag={flag} />
                </span>
                <span className="muted">{title ?? description}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
};
