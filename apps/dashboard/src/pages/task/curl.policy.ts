import type { TaskView } from '@pulser/contracts';

/** A text as one word of a shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The command that submits the same task once more. The key comes from the environment: it is not known here. */
export const curlOf = (origin: string, { task_type, priority, payload, metadata }: TaskView): string => {
  const body = { task_type, priority, payload, ...(metadata !== null && { metadata }) };
  return [
    `curl -sS ${quoted(`${origin}/api/v1/tasks`)}`,
    `-H "Authorization: Bearer $PULSER_KEY"`,
    `-H 'Content-Type: application/json'`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ');
};
