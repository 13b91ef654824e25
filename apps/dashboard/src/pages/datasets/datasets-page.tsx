import './datasets.css';

import type { DatasetPage, DatasetSummary } from '@pulser/contracts';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';

import { urlOf } from '../../api/client.js';
import { pagesOf } from '../../api/pages.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { PlaceLink } from '../../app/place-link.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { ExportMenu } from '../../ui/export-menu.js';
import { SearchBox } from '../../ui/fields.js';
import { bytes, count, counted } from '../../ui/numbers.policy.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { DeleteDatasets } from './delete-datasets.js';
import { UploadDialog } from './upload-dialog.js';
import { UploadList } from './upload-list.js';
import { useFileDrop } from './use-file-drop.js';
import { useTypedSearch } from './use-typed-search.js';

const path = '/api/v1/datasets';

const columns: readonly Column<DatasetSummary>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(130px, 3fr)',
    cell: ({ name }) => (
      <PlaceLink place={`/datasets/${name}`} className="dataset-name truncate" tabIndex={-1}>
        {name}
      </PlaceLink>
    ),
  },
  {
    id: 'versions',
    title: 'Versions',
    width: '76px',
    isRight: true,
    from: 620,
    cell: ({ versions }) => count(versions),
  },
  {
    id: 'rows',
    title: 'Rows',
    width: '104px',
    isRight: true,
    cell: ({ latest }) => (latest === null ? '–' : count(latest.rows)),
  },
  {
    id: 'rejected',
    title: 'Rejected',
    width: '84px',
    isRight: true,
    from: 900,
    cell: ({ latest }) => (latest === null ? '–' : count(latest.rejected)),
  },
  {
    id: 'columns',
    title: 'Columns',
    width: '76px',
    isRight: true,
    from: 760,
    cell: ({ latest }) => (latest === null ? '–' : count(latest.columns.length)),
  },
  { id: 'bytes', title: 'Size', width: '84px', isRight: true, from: 500, cell: (dataset) => bytes(dataset.bytes) },
  {
    id: 'changed',
    title: 'Last change',
    width: '96px',
    isRight: true,
    from: 440,
    cell: ({ latest, created_at }) => <RelativeTime at={latest?.created_at ?? created_at} isQuiet />,
  },
];

/** Names are in small letters; columns in any. */
const has = (text: string, words: string): boolean => text.toLowerCase().includes(words.toLowerCase());

const matches = ({ name, latest }: DatasetSummary, words: string): boolean =>
  has(name, words) || (latest?.columns.some((column) => has(column.name, words)) ?? false);

const emptyCommand = `printf 'region,amount\\nnorth,120\\nsouth,80\\n' | curl -sS -T - ${location.origin}${path}/sales \\
  -H "Authorization: Bearer $KEY" -H 'Content-Type: text/csv'`;

export const DatasetsPage = () => {
  const { q = '' } = useSearch({ from: '/frame/datasets' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay('operator');
  const box = useRef<HTMLInputElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [isDeleting, setDeleting] = useState(false);

  const [typed, search] = useTypedSearch(q, (text) => {
    setSelected(new Set());
    void navigate({ to: '/datasets', search: text === '' ? {} : { q: text }, replace: true });
  });

  const list = useInfiniteQuery({
    ...pagesOf<DatasetPage>({ key: ['datasets', 'list'], path, query: { limit: 100 } }),
    meta: { liveEveryMs: 15_000 },
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const all = useMemo(() => list.data?.pages.flatMap(({ datasets }) => datasets) ?? [], [list.data]);
  const rows = useMemo(() => (typed === '' ? all : all.filter((dataset) => matches(dataset, typed))), [all, typed]);
  // The API lists, and does not search: what is looked for may stand on a page that is not loaded yet.
  useEffect(() => {
    if (typed !== '' && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [typed, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const pick = (): void => picker.current?.click();
  const isOver = useFileDrop(mayWrite, setFiles);
  const chosen = all.filter(({ name }) => selected.has(name));
  const askToDelete = (): void => {
    if (mayWrite && chosen.length > 0) setDeleting(true);
  };

  useKeys('Datasets', [
    { keys: '/', label: 'Search datasets', run: () => box.current?.focus() },
    ...(mayWrite
      ? [
          { keys: 'u', label: 'Upload files', run: pick },
          { keys: 'shift+d', label: 'Delete the chosen datasets', run: askToDelete },
        ]
      : []),
  ]);
  useCommands('Datasets', [
    ...(mayWrite ? [{ id: 'upload', title: 'Upload a dataset', icon: 'upload' as const, run: pick }] : []),
    {
      id: 'csv',
      title: 'Export the list of datasets as CSV',
      icon: 'download',
      run: () => {
        location.assign(urlOf(path, { format: 'csv' }));
      },
    },
  ]);

  return (
    <Page
      title="Datasets"
      aside={list.data !== undefined && <Kept datasets={all} isAll={!hasNextPage} />}
      isFull
      actions={
        <>
          <ExportMenu path={path} />
          {mayWrite && (
            <Button kind="primary" icon="upload" onPress={pick}>
              Upload
            </Button>
          )}
        </>
      }
    >
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={({ target }) => {
          setFiles([...(target.files ?? [])]);
          // The same file may be chosen once more.
          target.value = '';
        }}
      />
      {isOver && (
        <div className="drop-field" aria-hidden="true">
          Drop files to make datasets of them
        </div>
      )}
      <UploadList />
      <div className="list-bar">
        <SearchBox
          label="Search datasets"
          placeholder="A part of a name, or of the name of a column"
          value={typed}
          onChange={search}
          keys="/"
          inputRef={box}
        />
        {mayWrite && chosen.length > 0 && (
          <Button icon="trash" onPress={askToDelete}>
            {`Delete ${count(chosen.length)}`}
          </Button>
        )}
      </div>
      {list.error !== null && list.data === undefined ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data !== undefined && rows.length === 0 && !hasNextPage ? (
        <Nothing
          isSearch={typed !== ''}
          onClear={() => {
            search('');
          }}
        />
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="Datasets"
            rows={rows}
            columns={columns}
            idOf={({ name }) => name}
            {...(mayWrite && { selected, onSelect: setSelected })}
            isLoading={list.isFetching}
            onOpen={({ name }) => {
              void navigate({ to: '/datasets/$name', params: { name } });
            }}
            onEnd={() => {
              if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
            }}
            footer={
              list.isPending || isFetchingNextPage ? (
                <div className="dataset-list-end">
                  <Skeleton width="60%" />
                </div>
              ) : null
            }
          />
        </div>
      )}
      {files.length > 0 && (
        <UploadDialog
          files={files}
          datasets={all}
          onClose={() => {
            setFiles([]);
          }}
        />
      )}
      {isDeleting && (
        <DeleteDatasets
          datasets={chosen}
          onClose={() => {
            setDeleting(false);
          }}
          onDone={() => {
            setSelected(new Set());
            void client.invalidateQueries({ queryKey: ['datasets'] });
          }}
        />
      )}
    </Page>
  );
};

/** What the datasets hold together: said as a sum only where all of them are known. */
const Kept = ({ datasets, isAll }: { readonly datasets: readonly DatasetSummary[]; readonly isAll: boolean }) => {
  const sum = datasets.reduce((total, dataset) => total + dataset.bytes, 0);
  return (
    <span className="muted num">
      {isAll ? '' : 'more than '}
      {counted(datasets.length, 'dataset')}, {bytes(sum)}
    </span>
  );
};

const Nothing = ({ isSearch, onClear }: { readonly isSearch: boolean; readonly onClear: () => void }) =>
  isSearch ? (
    <EmptyState
      icon="search"
      title="No dataset has that in its name"
      actions={
        <Button icon="close" onPress={onClear}>
          Clear the search
        </Button>
      }
    >
      All names were looked at, and the columns of the latest versions.
    </EmptyState>
  ) : (
    <EmptyState icon="datasets" title="No dataset yet" command={emptyCommand}>
      Drop a file here (CSV, JSON, NDJSON, Parquet, XLSX, also packed), or send one from a shell:
    </EmptyState>
  );
