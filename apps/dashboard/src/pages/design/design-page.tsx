import './design.css';

import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';

import { AgentAvatar, AgentName } from '../../ui/agent.js';
import { Button, IconButton } from '../../ui/button.js';
import { Chart } from '../../ui/chart.js';
import { type Chip, Chips } from '../../ui/chips.js';
import { CodeBlock } from '../../ui/code-block.js';
import { Confirm } from '../../ui/dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorNote, ErrorState, Note } from '../../ui/error-state.js';
import { Checkbox, Choice, SearchBox, Select, Switch, TextField } from '../../ui/fields.js';
import { JsonView } from '../../ui/json-view.js';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.js';
import { counted } from '../../ui/numbers.policy.js';
import { Facts, Page, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge, StatusBadge } from '../../ui/status-badge.js';
import { Tabs } from '../../ui/tabs.js';
import { duration } from '../../ui/time.policy.js';
import { toast } from '../../ui/toast.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { type DesignTab, designRoute } from './design-route.js';
import {
  agents,
  hostile,
  jsonSample,
  markdownSample,
  sampleData,
  sampleRows,
  type SampleRow,
  statuses,
} from './samples.js';

const Markdown = lazy(() => import('../../ui/markdown.js'));

const Row = ({ children }: { readonly children: ReactNode }) => <div className="design-row">{children}</div>;

const Controls = () => {
  const [text, setText] = useState('');
  const [isOn, setOn] = useState(true);
  const [range, setRange] = useState<'1h' | '24h' | '7d'>('24h');
  const [agent, setAgent] = useState<string>();
  const [isOpen, setOpen] = useState(false);
  const [chips, setChips] = useState<readonly Chip[]>([
    { id: 'status', name: 'status', value: 'failed' },
    { id: 'agent', name: 'agent', value: 'dash' },
  ]);
  return (
    <div className="grid">
      <Panel title="Buttons">
        <Row>
          <Button kind="primary" icon="submit">
            Submit task
          </Button>
          <Button icon="download">Export</Button>
          <Button kind="quiet">Cancel</Button>
          <Button
            kind="danger"
            icon="trash"
            onPress={() => {
              setOpen(true);
            }}
          >
            Discard
          </Button>
          <Button isPending>Saving</Button>
          <Button isDisabled>Disabled</Button>
          <Button size="s">Small</Button>
          <IconButton icon="refresh" label="Load again" keys="r" />
          <Menu label="More" trigger={<IconButton icon="dots" label="More" />}>
            <MenuItem icon="copy">Copy id</MenuItem>
            <MenuItem icon="replay" keys="r">
              Replay
            </MenuItem>
            <MenuLine />
            <MenuItem icon="trash" isDanger>
              Discard
            </MenuItem>
          </Menu>
          <Button
            onPress={() => {
              toast.done('dash is paused', () => {
                toast.done('dash runs again');
              });
            }}
          >
            Pause dash
          </Button>
        </Row>
      </Panel>
      <Panel title="Fields">
        <div className="design-form">
          <SearchBox
            label="Search"
            value={text}
            onChange={setText}
            placeholder="Id, prefix, text, status:failed"
            keys="/"
          />
          <Chips
            chips={chips}
            onRemove={({ id }) => {
              setChips(chips.filter((chip) => chip.id !== id));
            }}
            onClear={() => {
              setChips([]);
            }}
          />
          <TextField label="Name" value={text} onChange={setText} hint="By which people know the key." />
          <TextField label="SQL" rows={3} isCode defaultValue="select 1" error="There is no table sales" />
          <Select
            label="Agent"
            value={agent}
            onChange={setAgent}
            options={agents.map((id) => ({ id, text: id, hint: 'up' }))}
          />
          <Row>
            <Checkbox defaultSelected>Only mine</Checkbox>
            <Checkbox isIndeterminate>Some</Checkbox>
            <Switch isOn={isOn} onChange={setOn}>
              Live
            </Switch>
            <Choice
              label="Range"
              value={range}
              onChange={setRange}
              options={[
                { id: '1h', text: '1 h' },
                { id: '24h', text: '24 h' },
                { id: '7d', text: '7 d' },
              ]}
            />
          </Row>
        </div>
      </Panel>
      <Confirm
        isOpen={isOpen}
        title="Discard 12 dead letters?"
        verb="Discard 12 dead letters"
        isDanger
        onConfirm={() => Promise.resolve()}
        onClose={() => {
          setOpen(false);
        }}
      >
        They are deleted for good. Their tasks stay failed.
      </Confirm>
    </div>
  );
};

const States = () => (
  <div className="grid">
    <Panel title="States of tasks">
      <Row>
        {statuses.map((status) => (
          <StatusBadge key={status} status={status} />
        ))}
        <Badge tone="info">7 new</Badge>
      </Row>
    </Panel>
    <Panel title="Agents">
      <Row>
        {agents.map((agent) => (
          <AgentAvatar key={agent} agent={agent} size={40} />
        ))}
      </Row>
      <Row>
        {agents.map((agent) => (
          <AgentName key={agent} agent={agent} />
        ))}
      </Row>
    </Panel>
    <Panel title="Facts">
      <Facts
        facts={[
          { name: 'Submitted', value: <RelativeTime at="2026-11-01T10:00:00Z" /> },
          { name: 'Ran for', value: duration(184_000) },
          { name: 'Agent', value: <AgentName agent="maya" /> },
        ]}
      />
    </Panel>
    <Panel title="Remarks">
      <div className="design-form">
        <Note>Tasks are accepted and wait.</Note>
        <Note kind="warn" icon="alert">
          RabbitMQ cannot be reached.
        </Note>
        <ErrorNote error={new Error('The payload does not fit its schema')} />
        <Skeleton width="60%" />
      </div>
    </Panel>
    <Panel title="Nothing">
      <EmptyState
        icon="tasks"
        title="No tasks yet"
        command={'curl -sS http://127.0.0.1:8000/api/v1/tasks -d @task.json'}
      >
        Tasks come over REST or RabbitMQ.
      </EmptyState>
    </Panel>
    <Panel title="Failed">
      <ErrorState error={new Error('The database cannot be reached')} onRetry={() => undefined} />
    </Panel>
  </div>
);

const columns: readonly Column<SampleRow>[] = [
  { id: 'status', title: 'State', width: '112px', cell: ({ status }) => <StatusBadge status={status} /> },
  { id: 'operation', title: 'Operation', width: 'minmax(110px, 1fr)', cell: ({ operation }) => operation },
  {
    id: 'agent',
    title: 'Agent',
    width: 'minmax(120px, 1fr)',
    from: 460,
    cell: ({ agent }) => <AgentName agent={agent} />,
  },
  { id: 'id', title: 'Id', width: 'minmax(180px, 2fr)', from: 760, cell: ({ id }) => <code>{id}</code> },
  {
    id: 'ms',
    title: 'Took',
    width: '88px',
    isRight: true,
    from: 340,
    cell: ({ ms }) => <span className="num">{duration(ms)}</span>,
  },
];

const Table = () => {
  const rows = useMemo(() => sampleRows(100_000), []);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<string>();
  return (
    <Panel
      title={counted(rows.length, 'row')}
      aside={<span role="status">{counted(selected.size, 'row')} chosen</span>}
      isFlush
    >
      <div className="design-table">
        <VirtualTable
          label="Samples"
          rows={rows}
          columns={columns}
          idOf={({ id }) => id}
          selected={selected}
          onSelect={setSelected}
          onOpen={({ id }) => {
            setOpened(id);
          }}
          currentId={opened}
        />
      </div>
    </Panel>
  );
};

const Charts = () => (
  <div className="grid">
    {(['line', 'area', 'bars'] as const).map((kind) => (
      <Panel key={kind} title={`Tasks an hour, ${kind}`}>
        <Chart title={`Tasks an hour, ${kind}`} data={sampleData} kind={kind} />
      </Panel>
    ))}
  </div>
);

const Texts = () => (
  <div className="grid">
    <Panel title="JSON">
      <JsonView value={jsonSample} label="Sample" />
    </Panel>
    <Panel title="Markdown">
      <Suspense fallback={<Skeleton height="200px" />}>
        <Markdown text={markdownSample} />
      </Suspense>
    </Panel>
    <Panel title="Code">
      <CodeBlock code={hostile.join('\n')} label="Code" />
    </Panel>
    <Panel title="Plain">
      <ul>
        {hostile.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </Panel>
  </div>
);

const tabs = [
  { id: 'controls', title: 'Controls', content: <Controls /> },
  { id: 'states', title: 'States', content: <States /> },
  { id: 'table', title: 'Table', count: 100_000, content: <Table /> },
  { id: 'charts', title: 'Charts', content: <Charts /> },
  { id: 'texts', title: 'Texts', content: <Texts /> },
] as const;

export const DesignPage = () => {
  const { tab = 'controls' } = designRoute.useSearch();
  const navigate = designRoute.useNavigate();
  return (
    <Page title="Design" intro="Every part that pages are made of. What they show here is made up.">
      <Tabs<DesignTab>
        label="Parts"
        tabs={tabs}
        value={tab}
        onChange={(next) => void navigate({ search: next === 'controls' ? {} : { tab: next } })}
      />
    </Page>
  );
};
