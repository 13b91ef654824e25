import type { DatasetRows, DatasetVersionView } from '@pulser/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type CSSProperties, useMemo } from 'react';

import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorNote, ErrorState } from '../../ui/error-state.js';
import { count, counted } from '../../ui/numbers.policy.js';
import { Skeleton } from '../../ui/skeleton.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { cellText } from '../task/result-table.policy.js';
import { isNumeric } from './column-type.policy.js';
import { rowsQuery } from './dataset-queries.js';

interface NumberedRow {
  readonly place: number;
  readonly cells: readonly unknown[];
}

const cellWidth = 128;

const columnOf = ({ name, type }: DatasetRows['columns'][number], index: number): Column<NumberedRow> => ({
  id: String(index),
  title: name,
  width: `minmax(${cellWidth - 12}px, 1fr)`,
  isRight: isNumeric(type),
  cell: ({ cells }) => {
    const value = cells[index];
    if (value === null || value === undefined) return <span className="dataset-null">NULL</span>;
    const text = cellText(value);
    return (
      <span className="truncate" title={text}>
        {text}
      </span>
    );
  },
});

interface RowsViewProps {
  readonly name: string;
  readonly version: DatasetVersionView;
}

/** The first rows of a version, as they were kept with it, and more of them when that is asked for. */
export const RowsView = ({ name, version }: RowsViewProps) => {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    rowsQuery(name, version),
  );
  const rows = useMemo(
    () => data?.pages.flatMap((page) => page.rows).map((cells, place) => ({ place, cells })) ?? [],
    [data],
  );
  const first = data?.pages[0];
  const columns = useMemo(() => first?.columns.map(columnOf) ?? [], [first]);
  if (first === undefined) {
    return error === null ? (
      <Skeleton width="100%" height="320px" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  if (rows.length === 0) {
    return (
      <EmptyState icon="datasets" title={first.total_rows === 0 ? 'No rows' : 'No rows are shown'}>
        {first.total_rows === 0
          ? 'The version has columns, and nothing in them.'
          : 'Its rows are too long to be shown here. Download the version, or query it.'}
      </EmptyState>
    );
  }
  const style = {
    height: `${Math.min(16, rows.length + 1) * 42}px`,
    '--rows-width': `${columns.length * cellWidth}px`,
  } as CSSProperties;
  return (
    <div className="stack">
      <div className="panel dataset-rows" style={style}>
        <VirtualTable label="First rows" rows={rows} columns={columns} idOf={({ place }) => String(place)} />
      </div>
      <p className="muted num">
        {rows.length === first.total_rows
          ? `All ${counted(rows.length, 'row')}. `
          : `The first ${count(rows.length)} of ${counted(first.total_rows, 'row')}. `}
        Long cells are cut.
      </p>
      {error !== null && <ErrorNote error={error} />}
      {hasNextPage && (
        <div>
          <Button icon="plus" isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            More rows
          </Button>
        </div>
      )}
    </div>
  );
};
