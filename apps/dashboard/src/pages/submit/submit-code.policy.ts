// The same submission from elsewhere: as a command and as code. The key comes from the environment: it is not known here.
import { quoted } from '../task/curl.policy.js';
import type { SubmissionBody } from './submission.policy.js';

const path = '/api/v1/tasks';

/** A command of curl. @param idempotencyKey empty for none */
export const curlCommand = (origin: string, body: SubmissionBody, idempotencyKey: string): string =>
  [
    `curl -sS ${quoted(origin + path)}`,
    `-H "Authorization: Bearer $PULSER_KEY"`,
    `-H 'Content-Type: application/json'`,
    ...(idempotencyKey === '' ? [] : [`-H ${quoted(`Idempotency-Key: ${idempotencyKey}`)}`]),
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ');

/** TypeScript that runs where there is `fetch`: Node, Deno, Bun. @param idempotencyKey empty for none */
export const fetchCode = (origin: string, body: SubmissionBody, idempotencyKey: string): string =>
  [
    `const response = await fetch(${JSON.stringify(origin + path)}, {`,
    `  method: 'POST',`,
    `  headers: {`,
    '    authorization: `Bearer ${process.env.PULSER_KEY}`,',
    `    'content-type': 'application/json',`,
    ...(idempotencyKey === '' ? [] : [`    'idempotency-key': ${JSON.stringify(idempotencyKey)},`]),
    `  },`,
    `  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll('\n', '\n  ')}),`,
    `});`,
    'if (!response.ok) throw new Error(await response.text());',
    'const task = (await response.json()) as { task_id: string; status: string };',
    'console.log(task.task_id, task.status);',
    '',
  ].join('\n');
