import type { DatasetVersionView } from '@pulser/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { PlaceLink } from '../../app/place-link.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { bytes, count, counted } from '../../ui/numbers.policy.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { toast } from '../../ui/toast.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { versionPath } from './dataset-queries.js';

interface VersionsViewProps {
  readonly name: string;
  readonly versions: readonly DatasetVersionView[];
  /** Number of the one that the page shows. */
  readonly current: number;
  readonly onChoose: (version: number) => void;
  /** Loads older ones; undefined when all are there. */
  readonly onMore: (() => void) | undefined;
}

const columns: readonly Column<DatasetVersionView>[] = [
  { id: 'version', title: 'Version', width: '56px', isRight: true, cell: ({ version }) => count(version) },
  {
    id: 'rows',
    title: 'Rows',
    width: 'minmax(80px, 1fr)',
    isRight: true,
    cell: ({ rows }) => count(rows),
  },
  {
    id: 'rejected',
    title: 'Rejected',
    width: '80px',
    isRight: true,
    from: 620,
    cell: ({ rejected }) => count(rejected),
  },
  {
    id: 'columns',
    title: 'Columns',
    width: '76px',
    isRight: true,
    from: 700,
    cell: (version) => count(version.columns.length),
  },
  { id: 'bytes', title: 'Size', width: '84px', isRight: true, from: 460, cell: (version) => bytes(version.bytes) },
  {
    id: 'task',
    title: 'Made by task',
    width: 'minmax(120px, 2fr)',
    from: 820,
    cell: ({ made_by }) => (
      <PlaceLink place={`/tasks/${made_by}`} className="mono truncate" tabIndex={-1}>
        {made_by}
      </PlaceLink>
    ),
  },
  {
    id: 'at',
    title: 'Made',
    width: '84px',
    isRight: true,
    cell: ({ created_at }) => <RelativeTime at={created_at} isQuiet />,
  },
];

const idOf = ({ version }: DatasetVersionView): string => String(version);

/** One that is gone meanwhile is deleted too. */
const drop = async (name: string, version: number): Promise<void> => {
  try {
    await api.delete(versionPath(name, version));
  } catch (error) {
    if (!isApiError(error, 'not_found')) throw error;
  }
};

/** All versions, of which those that are chosen are deleted one by one, after a count. */
export const VersionsView = ({ name, versions, current, onChoose, onMore }: VersionsViewProps) => {
  const mayDelete = useMay('operator');
  const client = useQueryClient();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<readonly DatasetVersionView[]>();
  const chosen = versions.filter((version) => selected.has(idOf(version)));
  const what = counted(asked?.length ?? chosen.length, 'version');
  const remove = async (): Promise<void> => {
    try {
      for (const { version } of asked ?? []) await drop(name, version);
      toast.done(`${what} deleted`);
      setSelected(new Set());
    } finally {
      await client.invalidateQueries({ queryKey: ['datasets'] });
    }
  };
  return (
    <div className="stack">
      {mayDelete && chosen.length > 0 && (
        <div className="list-bar">
          <Button
            icon="trash"
            onPress={() => {
              setAsked(chosen);
            }}
          >
            {`Delete ${what}`}
          </Button>
        </div>
      )}
      <div className="panel dataset-rows" style={{ height: `${Math.min(14, versions.length + 1) * 42}px` }}>
        <VirtualTable
          label="Versions"
          rows={versions}
          columns={columns}
          idOf={idOf}
          currentId={String(current)}
          {...(mayDelete && { selected, onSelect: setSelected })}
          onOpen={({ version }) => {
            onChoose(version);
          }}
          {...(onMore !== undefined && { onEnd: onMore })}
        />
      </div>
      {asked !== undefined && (
        <Confirm
          isOpen
          title={`Delete ${what}?`}
          verb={`Delete ${what}`}
          isDanger
          onConfirm={remove}
          onClose={() => {
            setAsked(undefined);
          }}
        >
          {bytes(asked.reduce((sum, version) => sum + version.bytes, 0))} are freed. Their numbers are not given again,
          and what tasks made of them stays. This cannot be undone.
        </Confirm>
      )}
    </div>
  );
};
