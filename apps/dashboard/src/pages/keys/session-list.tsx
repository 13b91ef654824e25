// The browsers that are logged in, and how their logins are ended.
import type { SessionOrigin, SessionView } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type CSSProperties, useState } from 'react';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { PlaceLink } from '../../app/place-link.js';
import { useCaller } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { Choice } from '../../ui/fields.js';
import { count, counted } from '../../ui/numbers.policy.js';
import { Facts } from '../../ui/page.js';
import { Progress } from '../../ui/progress.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { toast } from '../../ui/toast.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { maxSessions, sessionsQuery } from './keys-queries.js';
import type { KeysSearch, ShownSessions } from './keys-route.js';
import { browserOf, isMine, othersOf } from './session-rows.policy.js';

const origins: Readonly<Record<SessionOrigin, string>> = {
  key: 'by a key',
  code: 'by a link',
  oidc: 'by single sign-on',
};

const nameOf = ({ display_name: shown, name }: SessionView): string => shown ?? name;

const columns: readonly Column<SessionView>[] = [
  {
    id: 'who',
    title: 'Who',
    width: 'minmax(120px, 1.4fr)',
    cell: (session) => (
      <span className="session-who">
        <span className="key-name truncate">{nameOf(session)}</span>
        {session.current && (
          <Badge tone="info" icon="check">
            This one
          </Badge>
        )}
      </span>
    ),
  },
  { id: 'role', title: 'Role', width: '76px', from: 480, cell: ({ role }) => role },
  {
    id: 'how',
    title: 'Logged in',
    width: 'minmax(96px, 0.8fr)',
    from: 900,
    cell: ({ made_by: by }) => origins[by],
  },
  {
    id: 'browser',
    title: 'Browser',
    width: 'minmax(110px, 1.2fr)',
    from: 420,
    cell: ({ user_agent: agent }) => <span className="truncate">{browserOf(agent)}</span>,
  },
  {
    id: 'network',
    title: 'Network',
    width: 'minmax(100px, 0.8fr)',
    from: 760,
    cell: ({ network }) => <span className="num truncate">{network}</span>,
  },
  {
    id: 'used',
    title: 'Last used',
    width: '88px',
    cell: ({ last_used_at: at }) => <RelativeTime at={at} isQuiet />,
  },
];

interface SessionListProps {
  readonly search: KeysSearch;
  readonly isAdmin: boolean;
  readonly onSearch: (next: KeysSearch) => void;
}

export const SessionList = ({ search, isAdmin, onSearch }: SessionListProps) => {
  const { data, error, refetch } = useQuery(sessionsQuery);
  const caller = useCaller();
  const client = useQueryClient();
  const [ending, setEnding] = useState<readonly SessionView[]>();
  const whose = isAdmin ? (search.whose ?? 'mine') : 'mine';
  const rows =
    data?.sessions.filter((session) => whose === 'all' || (caller !== undefined && isMine(session, caller))) ?? [];
  const others = othersOf(rows);
  const chosen = data?.sessions.find(({ session_id }) => session_id === search.open);
  const close = (): void => {
    onSearch({ tab: 'sessions', ...(whose === 'all' && { whose }) });
  };
  return (
    <div className="keys">
      <div className="list-bar">
        {isAdmin && (
          <Choice<ShownSessions>
            label="Whose sessions"
            value={whose}
            onChange={(next) => {
              onSearch({ tab: 'sessions', whose: next });
            }}
            options={[
              { id: 'mine', text: 'Mine' },
              { id: 'all', text: caller?.tenant === null ? 'Of every key' : 'Of the whole tenant' },
            ]}
          />
        )}
        {data !== undefined && <span className="muted num">{counted(rows.length, 'session')}</span>}
        <span className="keys-space" />
        {others.length > 0 && (
          <Button
            kind="danger"
            icon="logout"
            onPress={() => {
              setEnding(others);
            }}
          >
            {`End ${counted(others.length, 'other')}`}
          </Button>
        )}
      </div>
      {data?.isComplete === false && (
        <Note kind="warn" icon="alert">
          These are the newest {count(maxSessions)}. There are more, which are not shown and not ended with them.
        </Note>
      )}
      {data === undefined ? (
        error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : rows.length === 0 ? (
        <EmptyState
          icon="user"
          title="No browser is logged in"
          command={`curl -sS -H "Authorization: Bearer $KEY" ${location.origin}/api/v1/sessions`}
        >
          This page is shown with a key or token of the header. The same list from a shell:
        </EmptyState>
      ) : (
        <div className="panel keys-panel" style={{ '--rows': rows.length } as CSSProperties}>
          <VirtualTable
            label="Sessions"
            rows={rows}
            columns={columns}
            idOf={({ session_id }) => session_id}
            currentId={search.open}
            onOpen={({ session_id }) => {
              onSearch({ ...search, tab: 'sessions', open: session_id });
            }}
          />
        </div>
      )}
      {search.open !== undefined && data !== undefined && chosen === undefined && (
        <Note kind="warn">The session of the address is not open any more, or none that you may see.</Note>
      )}
      {chosen !== undefined && ending === undefined && (
        <SessionDialog
          session={chosen}
          linksKey={isAdmin && caller?.tenant !== null}
          onEnd={() => {
            setEnding([chosen]);
          }}
          onClose={close}
        />
      )}
      {ending !== undefined && (
        <EndSessions
          sessions={ending}
          isOfOthers={caller !== undefined && ending.some((session) => !isMine(session, caller))}
          onDone={() => {
            void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
          }}
          onClose={() => {
            setEnding(undefined);
            close();
          }}
        />
      )}
    </div>
  );
};

interface SessionDialogProps {
  readonly session: SessionView;
  /** Whether the key has a page that the caller may open. */
  readonly linksKey: boolean;
  readonly onEnd: () => void;
  readonly onClose: () => void;
}

const SessionDialog = ({ session, linksKey, onEnd, onClose }: SessionDialogProps) => (
  <Dialog
    title={`Session of ${nameOf(session)}`}
    isOpen
    onClose={onClose}
    actions={
      <Button kind="danger" icon="logout" onPress={onEnd}>
        {session.current ? 'Log out' : 'End it'}
      </Button>
    }
  >
    {session.current && <Note>It is the session of this browser.</Note>}
    <Facts
      facts={[
        {
          name: 'Who',
          value: session.display_name === null ? session.name : `${session.display_name}, ${session.name}`,
        },
        { name: 'Role', value: session.role },
        { name: 'Logged in', value: origins[session.made_by] },
        { name: 'Since', value: <RelativeTime at={session.created_at} /> },
        { name: 'Last used', value: <RelativeTime at={session.last_used_at} /> },
        { name: 'Ends unless used', value: <RelativeTime at={session.idle_ends_at} /> },
        { name: 'Ends in any case', value: <RelativeTime at={session.ends_at} /> },
        { name: 'Browser', value: browserOf(session.user_agent) },
        { name: 'It said', value: session.user_agent ?? 'nothing' },
        { name: 'Network', value: session.network ?? 'unknown' },
        ...(session.key_id === null || !linksKey
          ? []
          : [
              {
                name: 'Key',
                value: (
                  <PlaceLink place={`/keys?tab=keys&state=all&open=${session.key_id}`} className="mono">
                    {session.key_id}
                  </PlaceLink>
                ),
              },
            ]),
        { name: 'Id', value: <span className="mono">{session.session_id}</span> },
      ]}
    />
  </Dialog>
);

interface EndSessionsProps {
  /** As they were when that was asked for: the title says how many. */
  readonly sessions: readonly SessionView[];
  /** Whether some are not of the caller's own key or person. */
  readonly isOfOthers: boolean;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

const EndSessions = ({ sessions, isOfOthers, onDone, onClose }: EndSessionsProps) => {
  const [ended, setEnded] = useState<ReadonlySet<string>>(new Set());
  const what = counted(sessions.length, 'session');
  const end = async (): Promise<void> => {
    const done = new Set(ended);
    try {
      for (const { session_id: id } of sessions) {
        if (done.has(id)) continue;
        await api.delete(`/api/v1/sessions/${id}`).catch((error: unknown) => {
          // It has ended by itself, or somebody else was faster.
          if (!isApiError(error, 'not_found')) throw error;
        });
        done.add(id);
        setEnded(new Set(done));
      }
    } finally {
      onDone();
    }
    toast.done(`${what} ended`);
  };
  const isThisOne = sessions.some(({ current }) => current);
  return (
    <Confirm isOpen title={`End ${what}?`} verb={`End ${what}`} isDanger onConfirm={end} onClose={onClose}>
      <p>
        {sessions.length === 1 ? 'It is' : 'They are'} refused everywhere within a second. Whoever has the key, or a
        login at the identity provider, can log in again.
      </p>
      {isOfOthers && sessions.length > 1 && <p>Sessions of other people and keys are among them.</p>}
      {isThisOne && <p>One is the session of this browser: you are logged out.</p>}
      {sessions.length > 1 && ended.size > 0 && (
        <Progress label="Ended" done={ended.size} total={sessions.length}>
          {`${count(ended.size)} of ${what} ended`}
        </Progress>
      )}
    </Confirm>
  );
};
