/** A service's metrics in text format. */
export interface ServiceText {
  readonly service: string;
  readonly text: string;
}

interface Family {
  readonly head: string[];
  readonly samples: string[];
}

const labelled = (sample: string, service: string): string =>
  sample.replace(/^([\w:]+)(\{)?/, (_, name: string, brace?: string) =>
    brace === undefined ? `${name}{service="${service}"}` : `${name}{service="${service}",`,
  );

// `# HELP name ...` opens a family; its `# TYPE` and its samples follow until the next one.
const readInto = (families: Map<string, Family>, { service, text }: ServiceText): void => {
  let family: Family = { head: [], samples: [] };
  let first = true;
  for (const line of text.split('\n')) {
    const opened = /^# HELP (\S+)/.exec(line)?.[1];
    if (opened !== undefined) {
      first = !families.has(opened);
      family = families.get(opened) ?? { head: [], samples: [] };
      families.set(opened, family);
    }
    if (line.startsWith('#') && first) family.head.push(line);
    if (line !== '' && !line.startsWith('#')) family.samples.push(labelled(line, service));
  }
};

/**
 * Several services' metrics as one page: each family once, its samples told apart by a `service` label.
 * Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export const mergeTexts = (services: readonly ServiceText[]): string => {
  const families = new Map<string, Family>();
  for (const service of services) readInto(families, service);
  return [...families.values()].map(({ head, samples }) => `${[...head, ...samples].join('\n')}\n`).join('\n');
};
