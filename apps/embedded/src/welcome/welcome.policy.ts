import { type Example, tryItOut } from './try-it-out.policy.js';

export interface Welcome {
  /** Where the API listens. */
  readonly url: string;
  /** The key of the first run; missing where others than this machine can reach the API. */
  readonly access: { readonly key: string; readonly keyFile: string } | undefined;
  readonly dataFolder: string;
  /** A task that runs as it is and leaves a chart; missing when no agent gives one. */
  readonly example: Example | undefined;
}

const trial = (url: string, key: string, example: Example): string => `
Try it: paste this. It prints the finished task, and saves its chart as chart.svg.

${tryItOut(url, key, example)}

The chart stays at ${url}/api/v1/tasks/<task_id>/artifacts/chart.svg
`;

const noKey = 'made only while HOST is an address of this machine alone: start it so once, and make keys for others';

/** What is printed when everything runs. @param elapsed how long the start took, with its unit */
export const welcomeText = ({ url, access, dataFolder, example }: Welcome, elapsed: string): string => `
Pulser is ready (${elapsed}).

  API   ${url}
  Docs  ${url}/docs
  Key   ${access?.keyFile ?? noKey}
  Data  ${dataFolder}
${example === undefined || access === undefined ? '' : trial(url, access.key, example)}
Ctrl-C stops it. What was accepted goes on at the next start.
`;
