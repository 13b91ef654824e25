// A page of things with names that administrators or operators make: all of them in one table, one open beside it.
import { type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { useCommands } from '../app/commands.js';
import { useKeys } from '../app/keyboard.js';
import { useMay } from '../session/session.js';
import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';
import { ErrorState, Note } from '../ui/error-state.js';
import type { IconName } from '../ui/icon.js';
import { Page } from '../ui/page.js';
import { Skeleton } from '../ui/skeleton.js';
import { type Column, VirtualTable } from '../ui/virtual-table.js';

interface ThingPageProps<Thing> {
  /** In the plural: "Hooks". */
  readonly title: string;
  /** "hook" */
  readonly noun: string;
  readonly intro: string;
  readonly icon: IconName;
  readonly columns: readonly Column<Thing>[];
  readonly idOf: (thing: Thing) => string;
  readonly list: {
    readonly key: QueryKey;
    readonly read: (signal: AbortSignal) => Promise<readonly Thing[]>;
    readonly everyMs: number;
  };
  /** Who may make one, and how. */
  readonly add: {
    readonly least: 'operator' | 'admin';
    readonly label: string;
    /** What an empty list says to who may, and to who may not. */
    readonly how: string;
    readonly who: string;
    readonly command: string;
    readonly run: () => void;
  };
  /** Id of the one that is open; undefined: none, or they have pages of their own. */
  readonly open?: string | undefined;
  readonly onOpen: (thing: Thing) => void;
  /** What stands over the table. */
  readonly children: (shown: {
    readonly chosen: Thing | undefined;
    readonly mayWrite: boolean;
    readonly refresh: () => void;
  }) => ReactNode;
}

export const ThingPage = <Thing,>(props: ThingPageProps<Thing>) => {
  const { title, noun, intro, list, add, open, idOf } = props;
  const client = useQueryClient();
  const mayWrite = useMay(add.least);
  const { data, error, refetch } = useQuery({
    queryKey: list.key,
    queryFn: ({ signal }) => list.read(signal),
    refetchInterval: list.everyMs,
  });
  const refresh = (): void => {
    void client.invalidateQueries({ queryKey: list.key });
  };
  useKeys(title, mayWrite ? [{ keys: 'c', label: add.label, run: add.run }] : []);
  useCommands(title, mayWrite ? [{ id: 'add', title: add.label, icon: 'plus', run: add.run }] : []);
  const chosen = data?.find((thing) => idOf(thing) === open);
  return (
    <Page
      title={title}
      intro={intro}
      isFull={data !== undefined && data.length > 0}
      actions={
        mayWrite ? (
          <Button kind="primary" icon="plus" onPress={add.run}>
            {add.label}
          </Button>
        ) : undefined
      }
    >
      {data === undefined && error === null && <Skeleton height="240px" />}
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <Things {...props} things={data} mayWrite={mayWrite} />}
      {open !== undefined && data !== undefined && chosen === undefined && (
        <Note kind="warn">{`The address names a ${noun} that there is not. It may have been deleted.`}</Note>
      )}
      {props.children({ chosen, mayWrite, refresh })}
    </Page>
  );
};

interface ThingsProps<Thing> extends ThingPageProps<Thing> {
  readonly things: readonly Thing[];
  readonly mayWrite: boolean;
}

const Things = <Thing,>(props: ThingsProps<Thing>) => {
  const { things, title, noun, icon, add, mayWrite, columns, idOf, open, onOpen } = props;
  if (things.length === 0)
    return (
      <EmptyState icon={icon} title={`No ${noun} yet`} command={add.command}>
        {`${mayWrite ? add.how : add.who} From a shell:`}
      </EmptyState>
    );
  return (
    <div className="list-panel">
      <VirtualTable label={title} rows={things} columns={columns} idOf={idOf} currentId={open} onOpen={onOpen} />
    </div>
  );
};
