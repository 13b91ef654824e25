// What is printed when everything runs, with a command to paste.

/** A task that runs as it is. */
export interface Example {
  readonly task_type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** How the person at this machine comes in. */
export interface Access {
  readonly key: string;
  readonly keyFile: string;
  /** Opens the page, logged in: once, soon. */
  readonly page: string;
}

export interface Welcome {
  /** Where the API listens. */
  readonly url: string;
  /** The key of the first run; missing where others than this machine can reach the API. */
  readonly access: Access | undefined;
  readonly dataFolder: string;
  /** A task that runs as it is and leaves a chart; missing when no agent gives one. */
  readonly example: Example | undefined;
}

const onceNote = '(opens logged in: once, within 5 minutes; `npm run pulser -- link` prints another link)';

const noKey = 'made only while HOST is an address of this machine alone: start it so once, and make keys for others';

/** @param elapsed how long the start took, with its unit */
export const welcomeText = ({ url, access, dataFolder, example }: Welcome, elapsed: string): string => `
Pulser is ready (${elapsed}).

  Page  ${access === undefined ? `${url}/ui` : `${access.page}\n        ${onceNote}`}
  API   ${url}
  Docs  ${url}/docs
  Key   ${access?.keyFile ?? noKey}
  Data  ${dataFolder}
${example === undefined || access === undefined ? '' : trial(url, access.key, example)}
Ctrl-C stops it. What was accepted goes on at the next start.
`;

const trial = (url: string, key: string, example: Example): string => `
Try it: paste this. It prints the finished task, and saves its chart as chart.svg.

${tryItOut(url, key, example)}

The chart stays at ${url}/api/v1/tasks/<task_id>/artifacts/chart.svg
`;

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
    // Just after the start the first task may be refused for a moment: 503, with Retry-After.
    `curl -sS --retry 5 ${quoted(tasks)} ${authorization}`,
    `  -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(example))} |`,
    `sed ${idOfAnswer} | xargs -I ID curl -sS -w '\\n' ${authorization}`,
    `  -o - ${quoted(`${tasks}/ID?wait=10s`)} -o chart.svg ${quoted(`${tasks}/ID/artifacts/chart.svg`)}`,
  ].join(' \\\n');
};
