import './memory.css';

import type { MemoryView } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';

import { isApiError } from '../../api/problem.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { PlaceLink } from '../../app/place-link.js';
import { useMay } from '../../session/session.js';
import { AgentName } from '../../ui/agent.js';
import { Button } from '../../ui/button.js';
import { CopyButton } from '../../ui/code-block.js';
import { Confirm } from '../../ui/dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { percent } from '../../ui/numbers.policy.js';
import { Facts, Page, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { toast } from '../../ui/toast.js';
import { coverageQuery, forgetOne, memoryQuery } from '../memories/memory-queries.js';
import { TrustBadge, trustHints } from '../memories/trust-badge.js';

export const MemoryPage = () => {
  const { memoryId: id } = useParams({ from: '/frame/memory/$memoryId' });
  const { data, error, refetch } = useQuery({
    ...memoryQuery(id),
    // Until it can be found by meaning, which takes a minute or so.
    refetchInterval: (query) => (query.state.data?.embedded === false ? 5_000 : false),
  });
  if (data !== undefined) return <Shown memory={data} />;
  if (error !== null && isApiError(error, 'not_found')) {
    return (
      <Page title="Memory">
        <EmptyState
          icon="search"
          title="There is no such memory"
          actions={
            <PlaceLink place="/memory" className="button button-plain button-m">
              All memories
            </PlaceLink>
          }
        >
          Somebody forgot it, or it was past its end.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title="Memory">
      {error === null ? (
        <Skeleton width="100%" height="240px" />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Page>
  );
};

/** So much of a content is looked for at most. */
const maxText = 4_000;

const similarPlace = ({ content }: MemoryView): string =>
  `/memory?${new URLSearchParams({ q: content.slice(0, maxText) }).toString()}`;

const Shown = ({ memory }: { readonly memory: MemoryView }) => {
  const { memory_id: id, content, metadata, embedded } = memory;
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayForget = useMay('operator');
  const [isForgetting, setForgetting] = useState(false);
  const forget = async (): Promise<void> => {
    await forgetOne(id);
    toast.done('1 memory forgotten');
    await navigate({ to: '/memory' });
    client.removeQueries({ queryKey: memoryQuery(id).queryKey });
    await client.invalidateQueries({ queryKey: ['memories'] });
  };
  const ask = (): void => {
    setForgetting(true);
  };
  const similar = (): void => {
    void navigate({ href: similarPlace(memory) });
  };
  useKeys('Memory', [
    { keys: 's', label: 'Find similar memories', run: similar },
    ...(mayForget ? [{ keys: 'shift+d', label: 'Forget this memory', run: ask }] : []),
  ]);
  useCommands('This memory', [
    { id: 'similar', title: 'Find similar memories', icon: 'search', run: similar },
    ...(mayForget ? [{ id: 'forget', title: 'Forget this memory', icon: 'trash' as const, run: ask }] : []),
  ]);
  return (
    <Page
      title={memory.subject ?? memory.type}
      aside={<TrustBadge trust={memory.trust} />}
      actions={
        <>
          <Button icon="search" onPress={similar}>
            Find similar
          </Button>
          {mayForget && (
            <Button icon="trash" onPress={ask}>
              Forget
            </Button>
          )}
        </>
      }
    >
      {!embedded && <Note icon="wait">It is not found by its meaning yet, but within a minute or so.</Note>}
      <div className="split">
        <div className="stack">
          <Panel title="Content" aside={<CopyButton text={content}>Copy</CopyButton>}>
            <p className="memory-content">{content}</p>
          </Panel>
          <Panel title="Metadata">
            {Object.keys(metadata).length === 0 ? (
              <p className="muted">None was kept with it.</p>
            ) : (
              <JsonView value={metadata} label="Metadata" />
            )}
          </Panel>
        </div>
        <Panel title="Facts">
          <MemoryFacts memory={memory} />
        </Panel>
      </div>
      <Confirm
        isOpen={isForgetting}
        title="Forget 1 memory?"
        verb="Forget 1 memory"
        isDanger
        onConfirm={forget}
        onClose={() => {
          setForgetting(false);
        }}
      >
        It is gone with its vectors, and no agent finds it any more. This cannot be undone.
      </Confirm>
    </Page>
  );
};

const MemoryFacts = ({ memory }: { readonly memory: MemoryView }) => {
  const { type, subject, agent, trust, source_task_id, embedded, created_at, expires_at, memory_id } = memory;
  const { data: coverage } = useQuery(coverageQuery);
  const current = coverage?.models.find((model) => model.current);
  return (
    <Facts
      facts={[
        { name: 'Type', value: <PlaceLink place={`/memory?type=${encodeURIComponent(type)}`}>{type}</PlaceLink> },
        {
          name: 'Subject',
          value:
            subject === null ? (
              'None'
            ) : (
              <PlaceLink place={`/memory?subject=${encodeURIComponent(subject)}`}>{subject}</PlaceLink>
            ),
        },
        {
          name: 'Found by',
          value:
            agent === null ? (
              'All agents'
            ) : (
              <PlaceLink place={`/memory?agent=${encodeURIComponent(agent)}`}>
                <AgentName agent={agent} />
              </PlaceLink>
            ),
        },
        { name: 'Trust', value: `${trust}, ${trustHints[trust]}` },
        { name: 'Noted', value: <RelativeTime at={created_at} /> },
        { name: 'Forgotten by itself', value: expires_at === null ? 'Never' : <RelativeTime at={expires_at} /> },
        {
          name: 'Source',
          value:
            source_task_id === null ? (
              'Not noted in a task'
            ) : (
              <PlaceLink place={`/tasks/${source_task_id}`} className="mono">
                {source_task_id}
              </PlaceLink>
            ),
        },
        { name: 'By meaning', value: embedded ? 'Can be found' : 'Not yet' },
        ...(current === undefined
          ? []
          : [
              {
                name: 'Searched with',
                value: `${current.model}, which can find ${percent(current.coverage)} of all memories`,
              },
            ]),
        { name: 'Id', value: <span className="mono">{memory_id}</span> },
      ]}
    />
  );
};
