// The layout of a dashboard: rows of charts on Superset's grid of 12 columns.

interface PlacedChart {
  readonly id: number;
  readonly name: string;
}

const gridWidth = 12;
/** Units of the grid, of 8 pixels. */
const chartHeight = 50;

const rowsOf = <Item>(items: readonly Item[], columns: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / columns) }, (_, row) =>
    items.slice(row * columns, (row + 1) * columns),
  );

/** @param columns charts in a row, of 1 to 12 */
export const layoutOf = (title: string, charts: readonly PlacedChart[], columns: number): Record<string, unknown> => {
  const rows = rowsOf(charts, columns);
  const parents = ['ROOT_ID', 'GRID_ID'];
  const layout: Record<string, unknown> = {
    DASHBOARD_VERSION_KEY: 'v2',
    ROOT_ID: { type: 'ROOT', id: 'ROOT_ID', children: ['GRID_ID'] },
    GRID_ID: { type: 'GRID', id: 'GRID_ID', children: rows.map((_, row) => `ROW-${row}`), parents: ['ROOT_ID'] },
    HEADER_ID: { type: 'HEADER', id: 'HEADER_ID', meta: { text: title } },
  };
  for (const [row, placed] of rows.entries()) {
    const id = `ROW-${row}`;
    const children = placed.map((chart) => `CHART-${row}-${chart.id}`);
    layout[id] = { type: 'ROW', id, children, parents, meta: { background: 'BACKGROUND_TRANSPARENT' } };
    for (const chart of placed) {
      const key = `CHART-${row}-${chart.id}`;
      const meta = {
        chartId: chart.id,
        sliceName: chart.name,
        width: Math.floor(gridWidth / columns),
        height: chartHeight,
      };
      layout[key] = { type: 'CHART', id: key, children: [], parents: [...parents, id], meta };
    }
  }
  return layout;
};
