// The table of all variables in the README.
import type { z } from 'zod';

import { variableOf } from './env.js';

/** A service and its Env class. */
export interface DocumentedEnv {
  readonly service: string;
  readonly env: { readonly shape: z.ZodRawShape };
  /** PORT when it is not set. */
  readonly defaultPort?: number;
}

interface Use {
  readonly service: string;
  readonly fallback: string;
  readonly meaning: string;
}

const usesOf = ({ service, env, defaultPort }: DocumentedEnv): [string, Use][] =>
  Object.entries(env.shape).map(([name, schema]) => {
    const variable = variableOf(schema);
    const port = name === 'PORT' && defaultPort !== undefined ? String(defaultPort) : undefined;
    const fallback = port ?? variable.default ?? (variable.required ? 'required' : '');
    return [name, { service, fallback, meaning: variable.meaning }];
  });

const unique = (items: readonly string[]): string[] => [...new Set(items)];

const code = (text: string): string => (text === '' || text === 'required' ? text : `\`${text}\``);

const inList = (text: string): string => (text === '' ? 'not set' : code(text));

const defaultCell = (uses: readonly Use[]): string => {
  const [same, ...others] = unique(uses.map((use) => use.fallback));
  if (others.length === 0) return code(same ?? '');
  return uses.map((use) => `${use.service}: ${inList(use.fallback)}`).join(', ');
};

const meaningCell = (uses: readonly Use[], services: number): string => {
  const meanings = unique(uses.map((use) => use.meaning));
  // One that only says more than another stands for both.
  const longest = meanings.filter((one) => !meanings.some((other) => other !== one && other.startsWith(`${one};`)));
  const meaning = longest.join('; ');
  return uses.length === services ? meaning : `${meaning} (${uses.map((use) => use.service).join(', ')})`;
};

const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** The variables of these services as a Markdown table, in the order in which they are first used. */
export const envTable = (services: readonly DocumentedEnv[]): string => {
  const uses = Map.groupBy(services.flatMap(usesOf), ([name]) => name);
  const rows = [...uses].map(([name, entries]) => {
    const own = entries.map(([, use]) => use);
    return row(`\`${name}\``, defaultCell(own), meaningCell(own, services.length));
  });
  return [row('variable', 'default', 'meaning'), row('---', '---', '---'), ...rows].join('\n');
};
