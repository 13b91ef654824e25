import '../../mcp/mcp.css';

import type { McpServerDetail } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';

import { isApiError } from '../../api/problem.js';
import { ServerBadge } from '../../mcp/badges.js';
import { serverQuery } from '../../mcp/mcp-queries.js';
import { serverTexts } from '../../mcp/tool-words.policy.js';
import { ButtonLink } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { count } from '../../ui/numbers.policy.js';
import { type Fact, Facts, Page, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { ServerTools } from './server-tools.js';
import { VariablesPanel } from './variables-panel.js';

export const McpServerPage = () => {
  const { name } = useParams({ from: '/frame/mcp/servers/$name' });
  const { data, error, refetch } = useQuery(serverQuery(name));
  if (data !== undefined) return <Shown server={data} />;
  if (error !== null && isApiError(error, 'not_found'))
    return (
      <Page title="MCP server">
        <EmptyState
          icon="search"
          title="There is no such MCP server"
          actions={<ButtonLink to="/mcp/servers">All MCP servers</ButtonLink>}
        >
          It may have been taken out of the configuration file.
        </EmptyState>
      </Page>
    );
  return (
    <Page title={name}>
      {error === null ? <Skeleton height="320px" /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Page>
  );
};

const transports = {
  stdio: 'a process of its own, over its pipes',
  http: 'elsewhere, over HTTP',
  'in-process': 'in the process of the coordinator',
} as const;

const Shown = ({ server }: { readonly server: McpServerDetail }) => (
  <Page
    title={server.name}
    aside={<ServerBadge state={server.state} />}
    intro={serverTexts[server.state]}
    actions={
      <ButtonLink to="/mcp/calls" search={{ server: server.name }}>
        Its calls
      </ButtonLink>
    }
  >
    {server.last_error !== null && <LastError server={server} />}
    <VariablesPanel server={server} />
    <div className="split">
      <ServerTools server={server.name} />
      <div className="stack">
        <Panel title="Facts">
          <Facts facts={factsOf(server)} />
        </Panel>
        <Panel title="States">
          <Changes server={server} />
        </Panel>
      </div>
    </div>
  </Page>
);

const LastError = ({ server }: { readonly server: McpServerDetail }) => {
  const isNow = server.state === 'backing-off' || server.state === 'degraded' || server.state === 'disabled';
  return (
    <Note kind={isNow && server.state !== 'disabled' ? 'bad' : 'info'} icon={isNow ? 'alert' : 'info'}>
      <strong>
        {server.state === 'disabled' ? 'Why it is disabled' : isNow ? 'What is wrong' : 'What was wrong last'}
      </strong>
      {server.last_error_at !== null && (
        <>
          {' '}
          <span className="muted">
            <RelativeTime at={server.last_error_at} />
          </span>
        </>
      )}
      <p className="mcp-error">{server.last_error}</p>
    </Note>
  );
};

const factsOf = (server: McpServerDetail): readonly Fact[] => [
  { name: 'Comes from', value: server.is_own ? 'Pulser' : 'the configuration file' },
  { name: 'Runs', value: server.transport === null ? 'not known' : transports[server.transport] },
  {
    name: 'Protocol',
    value: server.protocol ?? 'not connected',
  },
  ...(server.software === null ? [] : [{ name: 'Software', value: server.software }]),
  { name: 'Tools', value: <span className="num">{count(server.tools)}</span> },
  { name: 'Calls now', value: <span className="num">{count(server.in_flight)}</span> },
  { name: 'Restarts', value: <span className="num">{count(Math.max(0, server.starts - 1))}</span> },
];

const Changes = ({ server: { changes } }: { readonly server: McpServerDetail }) =>
  changes.length === 0 ? (
    <p className="muted">None since the coordinator was started.</p>
  ) : (
    <ol className="mcp-changes">
      {changes.map(({ at, state, error }) => (
        <li key={`${at} ${state}`}>
          <span className="mcp-change">
            <ServerBadge state={state} />
            <RelativeTime at={at} />
          </span>
          {error !== null && <span className="muted mcp-error">{error}</span>}
        </li>
      ))}
    </ol>
  );
