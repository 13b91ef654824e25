// The commands of the README, as a reader pastes them.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Started } from './started.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export const sourceFile = (path: string): string => readFileSync(join(root, path), 'utf8');

const heading = '## Seven agents at work';

const sectionOf = (readme: string): string => readme.slice(readme.indexOf(heading)).split(/^## /m)[1] ?? '';

const blockAfter = (text: string): string => /^```sh\n(.*?)^```$/ms.exec(text)?.[1] ?? '';

/** What an agent's command printed last: the task when it had ended. */
export interface EndedTask {
  readonly task_id: string;
  readonly status: string;
  readonly assigned_agent: string;
  readonly result: Readonly<Record<string, unknown>>;
  readonly artifacts: readonly { readonly name: string; readonly href: string }[];
}

/** The commands under the heading: what they share, then one block for each agent, after its name in bold. */
export class ReadmeCommands {
  private readonly section = sectionOf(sourceFile('README.md'));

  /** In the order of the page. */
  get agents(): string[] {
    return [...this.section.matchAll(/^\*\*(\w+)\*\*/gm)].map(([, name = '']) => name);
  }

  /** The definition of the workflow that is stored there. */
  get workflow(): object {
    return JSON.parse(/<< 'WORKFLOW'[^\n]*\n(.*?)^WORKFLOW$/ms.exec(this.section)?.[1] ?? '') as object;
  }

  /** Runs an agent's block as it stands; only where Pulser listens and keeps its key is the test's. */
  run(agent: string, pulser: Started): EndedTask {
    const common = blockAfter(this.section);
    const own = blockAfter(this.section.slice(this.section.indexOf(`\n**${agent}**`)));
    const script = `${common}\n${own}`
      .replaceAll('http://127.0.0.1:8000', pulser.url)
      .replaceAll('[8000]', `[${new URL(pulser.url).port}]`)
      .replaceAll('.pulser/data', pulser.dataFolder);
    const { stdout, stderr, status } = spawnSync('sh', ['-c', script], {
      cwd: root,
      encoding: 'utf8',
      timeout: 90_000,
    });
    if (status !== 0 || stderr !== '') throw new Error(`${agent}: ${status ?? 'no'} status, ${stderr}, ${stdout}`);
    const [last = ''] = stdout.trim().split('\n').slice(-1);
    return JSON.parse(last) as EndedTask;
  }
}
