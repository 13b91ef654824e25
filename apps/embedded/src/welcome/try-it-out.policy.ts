/** A task that runs as it is. */
export interface Example {
  readonly task_type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A word of the POSIX shell, whatever it contains. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const idOfAnswer = quoted('s/.*"task_id":"\\([^"]*\\)".*/\\1/');

/**
 * One command for any POSIX shell: submits the task, waits for its end, prints it and saves its chart.
 * The curl of xargs fetches two addresses, one after the other.
 */
export const tryItOut = (url: string, key: string, example: Example): string => {
  const tasks = `${url}/api/v1/tasks`;
  const authorization = `-H ${quoted(`Authorization: Bearer ${key}`)}`;
  return [
    `curl -sS ${quoted(tasks)} ${authorization}`,
    `  -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(example))} |`,
    `sed ${idOfAnswer} | xargs -I ID curl -sS -w '\\n' ${authorization}`,
    `  -o - ${quoted(`${tasks}/ID?wait=10s`)} -o chart.svg ${quoted(`${tasks}/ID/artifacts/chart.svg`)}`,
  ].join(' \\\n');
};
