import '../../mcp/mcp.css';

import type { McpPin, McpPinList } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { api } from '../../api/client.js';
import { mcpPath } from '../../mcp/mcp-queries.js';
import { Choice } from '../../ui/choice.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { counted } from '../../ui/numbers.policy.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import type { PinsSearch, ShownPins } from './mcp-pins-route.js';
import { PinBadge } from './pin-badge.js';
import { PinDialog } from './pin-dialog.js';

const columns: readonly Column<McpPin>[] = [
  {
    id: 'tool',
    title: 'Tool',
    width: 'minmax(110px, 1.6fr)',
    cell: ({ tool }) => <span className="mono truncate">{tool}</span>,
  },
  {
    id: 'server',
    title: 'Server',
    width: 'minmax(80px, 1fr)',
    from: 420,
    cell: ({ server }) => <span className="truncate">{server}</span>,
  },
  { id: 'status', title: 'State', width: '112px', from: 520, cell: ({ status }) => <PinBadge status={status} /> },
  {
    id: 'kind',
    title: 'What',
    width: 'minmax(88px, 1fr)',
    from: 760,
    cell: ({ status, approved_definition: approved }) =>
      status === 'approved' ? 'in use' : approved === null ? 'a new tool' : 'another definition',
  },
  {
    id: 'warnings',
    title: 'Hidden text',
    width: '116px',
    cell: ({ warnings }) =>
      warnings.length === 0 ? (
        <span className="muted">none found</span>
      ) : (
        <Badge tone="bad" icon="alert">
          {counted(warnings.length, 'warning')}
        </Badge>
      ),
  },
  {
    id: 'seen',
    title: 'First seen',
    width: '88px',
    isRight: true,
    from: 480,
    cell: ({ first_seen_at: at }) => <RelativeTime at={at} isQuiet />,
  },
];

const idOf = ({ server, tool, digest }: McpPin): string => `${server}/${tool}/${digest.slice(0, 16)}`;

const command = `curl -sS -H "Authorization: Bearer $KEY" '${location.origin}${mcpPath}/pins?status=quarantined'`;

export const McpPinsPage = () => {
  const search = useSearch({ from: '/frame/mcp/pins' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const status: ShownPins = search.status ?? 'quarantined';
  const { data, error, refetch } = useQuery({
    queryKey: ['mcp', 'pins', status],
    queryFn: async ({ signal }) => (await api.get<McpPinList>(`${mcpPath}/pins`, { query: { status }, signal })).pins,
    // Keys of the installation have no stream.
    refetchInterval: 10_000,
  });
  const goTo = (next: PinsSearch): void => {
    void navigate({ to: '/mcp/pins', search: next, replace: true });
  };
  const open = data?.find((pin) => idOf(pin) === search.open);
  return (
    <Page
      title="Tool definitions"
      intro="A tool is offered with the definition that its server listed first. Another one waits here, and the tool with it, until somebody has looked at it."
      isFull={data !== undefined && data.length > 0}
    >
      <div className="list-bar">
        <Choice<ShownPins>
          label="Which definitions"
          value={status}
          onChange={(next) => {
            goTo({ status: next });
          }}
          options={[
            { id: 'quarantined', text: 'To review' },
            { id: 'approved', text: 'Approved' },
            { id: 'withdrawn', text: 'Withdrawn' },
          ]}
        />
      </div>
      {data === undefined ? (
        error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.length === 0 ? (
        <EmptyState
          icon={status === 'quarantined' ? 'success' : 'pin'}
          title={status === 'quarantined' ? 'Nothing is to be reviewed' : 'There is none'}
          command={command}
        >
          A server that lists a tool with another definition than before, or with hidden text, has it wait here. The
          same from a shell:
        </EmptyState>
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="Tool definitions"
            rows={data}
            columns={columns}
            idOf={idOf}
            currentId={search.open}
            onOpen={(pin) => {
              goTo({ ...search, open: idOf(pin) });
            }}
          />
        </div>
      )}
      {search.open !== undefined && data !== undefined && open === undefined && (
        <Note kind="warn">The address names a definition that is not in this list. It may have been decided.</Note>
      )}
      {open !== undefined && (
        <PinDialog
          key={idOf(open)}
          pin={open}
          onChanged={() => {
            void client.invalidateQueries({ queryKey: ['mcp', 'pins'] });
          }}
          onClose={() => {
            goTo(search.status === undefined ? {} : { status: search.status });
          }}
        />
      )}
    </Page>
  );
};
