import { ApiBody } from '@nestjs/swagger';
import type { SubmitTask } from '@pulser/contracts';
import type { z } from 'zod';

/** A submission that runs as it is: sales by region, with a chart. */
export const submissionExample: z.input<typeof SubmitTask> = {
  task_type: 'analytics',
  priority: 'high',
  payload: {
    operation: 'query',
    sources: [
      {
        name: 'sales',
        format: 'csv',
        content: 'region,amount\nnorth,120\nsouth,80\nnorth,40\nwest,95\n',
      },
    ],
    sql: 'select region, sum(amount) as total from sales group by region order by total desc',
    chart: { kind: 'bar', x: 'region', y: 'total', title: 'Sales by region' },
  },
};

/** Documents a body by example. */
export const BodyExample = (value: object): MethodDecorator =>
  // Its schema comes from the handler's parameter.
  ApiBody({ schema: {}, examples: { analytics: { summary: 'Sales by region, with a chart', value } } });
