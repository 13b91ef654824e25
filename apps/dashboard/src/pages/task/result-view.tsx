import { lazy, Suspense, useMemo, useState } from 'react';

import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { Choice } from '../../ui/fields.js';
import { JsonView } from '../../ui/json-view.js';
import { counted } from '../../ui/numbers.policy.js';
import { saveFile } from '../../ui/save-file.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { cellText, type ResultTable, seriesOf, tableOf } from './result-table.policy.js';

const Chart = lazy(async () => ({ default: (await import('../../ui/chart.js')).Chart }));

type Form = 'table' | 'chart' | 'json';

interface ResultViewProps {
  readonly taskId: string;
  readonly result: unknown;
}

/** What a task found: as a table or a chart where it is one, and as JSON always. */
export const ResultView = ({ taskId, result }: ResultViewProps) => {
  const table = useMemo(() => tableOf(result), [result]);
  const series = useMemo(() => (table === undefined ? undefined : seriesOf(table)), [table]);
  const forms: Form[] = [
    ...(table === undefined ? [] : (['table'] as const)),
    ...(series === undefined ? [] : (['chart'] as const)),
    'json',
  ];
  const [chosen, setChosen] = useState<Form>();
  const form = chosen !== undefined && forms.includes(chosen) ? chosen : (forms[0] ?? 'json');
  if (result === null || result === undefined) {
    return (
      <EmptyState icon="info" title="No result">
        The task ended without one.
      </EmptyState>
    );
  }
  return (
    <div className="result">
      <div className="list-bar">
        {forms.length > 1 && (
          <Choice
            label="Show the result as"
            value={form}
            onChange={setChosen}
            options={forms.map((id) => ({ id, text: id === 'json' ? 'JSON' : id === 'table' ? 'Table' : 'Chart' }))}
          />
        )}
        {form === 'table' && table !== undefined && (
          <span className="muted num">{counted(table.rows.length, 'row')}</span>
        )}
        <Button
          size="s"
          icon="download"
          onPress={() => {
            saveFile(`${taskId}.json`, new Blob([JSON.stringify(result, null, 2)], { type: 'application/json' }));
          }}
        >
          Save JSON
        </Button>
      </div>
      {form === 'table' && table !== undefined && <Rows table={table} />}
      {form === 'chart' && series !== undefined && (
        <Suspense fallback={null}>
          <Chart title="Result" data={series} height={320} />
        </Suspense>
      )}
      {form === 'json' && <JsonView value={result} label="Result" maxHeight={640} />}
    </div>
  );
};

const Rows = ({ table: { columns, rows } }: { readonly table: ResultTable }) => {
  const numbered = useMemo(() => rows.map((row, place) => ({ row, place })), [rows]);
  const shown: Column<(typeof numbered)[number]>[] = columns.map((title, index) => ({
    id: `${index}`,
    title,
    width: 'minmax(110px, 1fr)',
    isRight: rows.slice(0, 50).every((row) => typeof row[index] === 'number' || row[index] === null),
    cell: ({ row }) => (
      <span className="truncate" title={cellText(row[index])}>
        {cellText(row[index])}
      </span>
    ),
  }));
  return (
    <div className="panel result-rows" style={{ height: `${Math.min(16, rows.length + 1) * 42}px` }}>
      <VirtualTable label="Result" rows={numbered} columns={shown} idOf={({ place }) => String(place)} />
    </div>
  );
};
