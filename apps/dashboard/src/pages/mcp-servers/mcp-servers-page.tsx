import type { McpServer } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { useCommands } from '../../app/commands.js';
import { ServerBadge } from '../../mcp/badges.js';
import { serversQuery } from '../../mcp/mcp-queries.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { count } from '../../ui/numbers.policy.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';

const columns: readonly Column<McpServer>[] = [
  { id: 'name', title: 'Server', width: 'minmax(108px, 1fr)', cell: ({ name }) => <Name name={name} /> },
  { id: 'state', title: 'State', width: '116px', cell: ({ state }) => <ServerBadge state={state} /> },
  { id: 'tools', title: 'Tools', width: '52px', isRight: true, cell: ({ tools }) => count(tools) },
  {
    id: 'origin',
    title: 'From',
    width: '96px',
    from: 900,
    cell: ({ is_own: isOwn }) => (isOwn ? 'Pulser' : 'configuration'),
  },
  { id: 'runs', title: 'Runs', width: '92px', from: 1_000, cell: ({ transport }) => transport ?? <Unknown /> },
  {
    id: 'protocol',
    title: 'Protocol',
    width: '96px',
    from: 720,
    cell: ({ protocol }) => protocol ?? <Unknown />,
  },
  {
    id: 'restarts',
    title: 'Restarts',
    width: '72px',
    isRight: true,
    from: 620,
    cell: ({ starts }) => count(Math.max(0, starts - 1)),
  },
  {
    id: 'error',
    title: 'Last error',
    width: 'minmax(120px, 2fr)',
    from: 820,
    cell: ({ last_error: error }) => <span className="muted truncate">{error ?? ''}</span>,
  },
  {
    id: 'since',
    title: 'Since',
    width: '84px',
    isRight: true,
    from: 420,
    cell: ({ since }) => (since === null ? null : <RelativeTime at={since} isQuiet />),
  },
];

const Name = ({ name }: { readonly name: string }) => <span className="mono truncate">{name}</span>;

const Unknown = () => <span className="muted">–</span>;

const command = `curl -sS -H "Authorization: Bearer $KEY" ${location.origin}/api/v1/mcp/servers`;

export const McpServersPage = () => {
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(serversQuery);
  const open = (name: string): void => {
    void navigate({ to: '/mcp/servers/$name', params: { name } });
  };
  useCommands(
    'MCP server',
    (data ?? []).map(({ name }) => ({
      ...{ id: name, title: name, icon: 'servers' as const },
      run: () => {
        open(name);
      },
    })),
  );
  return (
    <Page
      title="MCP servers"
      intro="They have the tools that agents, keys and MCP clients call. Pulser starts them, watches them, and starts them again when they fail."
      isFull={data !== undefined && data.length > 0}
    >
      {data === undefined ? (
        error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.length === 0 ? (
        <EmptyState icon="servers" title="There is no MCP server" command={command}>
          Pulser&apos;s own are switched off by MCP_SERVERS_MODE, and no configuration file (MCP_CONFIG_FILE) attaches
          others. The same from a shell:
        </EmptyState>
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="MCP servers"
            rows={data}
            columns={columns}
            idOf={({ name }) => name}
            onOpen={({ name }) => {
              open(name);
            }}
          />
        </div>
      )}
    </Page>
  );
};
