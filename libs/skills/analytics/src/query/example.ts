import type { z } from 'zod';

import type { QueryInput } from './query-input.js';

/** Small enough to read, and draws something worth looking at. */
export const example: z.input<typeof QueryInput> = {
  operation: 'query',
  sources: [
    {
      name: 'orders',
      format: 'csv',
      content: [
        'day,region,amount',
        '2026-01-12,North,1200',
        '2026-01-20,South,860',
        '2026-02-03,North,990',
        '2026-02-17,South,1430',
        '2026-03-05,North,1680',
        '2026-03-21,South,1510',
        '2026-04-02,North,1750',
        '2026-04-28,South,1320',
      ].join('\n'),
    },
  ],
  sql: "SELECT date_trunc('month', day)::DATE AS month, region, sum(amount) AS revenue FROM orders GROUP BY ALL ORDER BY ALL",
  chart: { kind: 'bar', x: 'month', y: 'revenue', series: 'region', title: 'Revenue by region' },
};
