import type { DatasetVersionView } from '@pulser/contracts';
import { useMemo } from 'react';

import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { meaningOf } from './column-type.policy.js';

interface NumberedColumn {
  readonly place: number;
  readonly name: string;
  readonly type: string;
}

const columns: readonly Column<NumberedColumn>[] = [
  { id: 'place', title: '#', width: '44px', isRight: true, cell: ({ place }) => place + 1 },
  {
    id: 'name',
    title: 'Column',
    width: 'minmax(120px, 2fr)',
    cell: ({ name }) => (
      <span className="dataset-column truncate" title={name}>
        {name}
      </span>
    ),
  },
  {
    id: 'type',
    title: 'Type',
    width: 'minmax(96px, 1fr)',
    cell: ({ type }) => (
      <code className="truncate" title={type}>
        {type}
      </code>
    ),
  },
  {
    id: 'meaning',
    title: 'Which is a',
    width: 'minmax(110px, 1fr)',
    from: 560,
    cell: ({ type }) => <span className="muted truncate">{meaningOf(type)}</span>,
  },
];

/** The schema of a version: its columns in their order, with the types that DuckDB gives them. */
export const ColumnsView = ({ columns: schema }: Pick<DatasetVersionView, 'columns'>) => {
  const rows = useMemo(() => schema.map((column, place) => ({ ...column, place })), [schema]);
  return (
    <div className="panel dataset-rows" style={{ height: `${Math.min(16, rows.length + 1) * 42}px` }}>
      <VirtualTable label="Columns" rows={rows} columns={columns} idOf={({ place }) => String(place)} />
    </div>
  );
};
