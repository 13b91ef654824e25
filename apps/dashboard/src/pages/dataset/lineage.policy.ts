// Where a version came from and who has read it, as boxes in columns: sources on the left, readers on the right.
import type { DatasetVersionDetail, TaskStatus } from '@pulser/contracts';

/** What the API said of a version and of what stands before and after it. */
export interface KnownLineage {
  /** Reference of the version that is asked about. */
  readonly start: string;
  /** By reference; those that are not followed, or are gone, are left out. */
  readonly versions: ReadonlyMap<string, Pick<DatasetVersionDetail, 'made_by' | 'made_from' | 'used_by' | 'rows'>>;
  readonly tasks: ReadonlyMap<string, LineageTask>;
}

export interface LineageTask {
  readonly task_type: string;
  readonly operation: string | null;
  readonly assigned_agent: string;
  readonly status: TaskStatus;
}

export type LineageKind = 'dataset' | 'upload' | 'artifact' | 'task' | 'elsewhere' | 'more';

export interface LineageNode {
  readonly id: string;
  readonly kind: LineageKind;
  readonly title: string;
  readonly hint: string;
  /** Where it leads in the page. */
  readonly place?: string;
  /** 0 is the version that is asked about; below is before it, above is after it. */
  readonly level: number;
  readonly status?: TaskStatus;
  readonly agent?: string;
}

export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

/** Name and number of `dataset:sales@3`; undefined for anything else. */
export const datasetVersionOf = (reference: string): { name: string; version: number } | undefined => {
  const [, name, version] = /^dataset:([a-z0-9][a-z0-9_.-]{0,99})@([1-9]\d{0,8})$/.exec(reference) ?? [];
  return name === undefined ? undefined : { name, version: Number(version) };
};

const taskNode = (id: string, level: number, tasks: KnownLineage['tasks']): LineageNode => {
  const known = tasks.get(id);
  const base = { id, kind: 'task' as const, level, place: `/tasks/${id}` };
  if (known === undefined) return { ...base, title: 'A task', hint: `${id.slice(-12)}, past the time it is kept` };
  const { operation, task_type, assigned_agent, status } = known;
  const title = operation === null || operation === '' ? task_type : operation;
  return { ...base, title, hint: assigned_agent, status, agent: assigned_agent };
};

const sourceNode = (reference: string, level: number, versions: KnownLineage['versions']): LineageNode => {
  const dataset = datasetVersionOf(reference);
  if (dataset !== undefined) {
    const { name, version } = dataset;
    const rows = versions.get(reference)?.rows;
    const hint = `version ${version}${rows === undefined ? '' : `, ${rows.toLocaleString('en')} rows`}`;
    const place = `/datasets/${name}?version=${version}`;
    return { id: reference, kind: 'dataset', level, title: name, hint, place };
  }
  const [, taskId, file] = /^artifact:([\da-f-]{36})\/(.+)$/s.exec(reference) ?? [];
  if (taskId !== undefined && file !== undefined) {
    const place = `/tasks/${taskId}?tab=artifacts`;
    return { id: reference, kind: 'artifact', level, title: file, hint: 'file of a task', place };
  }
  if (reference.startsWith('upload:'))
    return { id: reference, kind: 'upload', level, title: 'Uploaded file', hint: `sha256 ${reference.slice(7, 19)}…` };
  return { id: reference, kind: 'elsewhere', level, title: reference, hint: 'source' };
};

/**
 * The boxes and arrows of a lineage.
 * @param shownReaders so many tasks that have read the version are shown one by one; of the others there is their number
 */
export const lineageOf = ({ start, versions, tasks }: KnownLineage, shownReaders: number): Lineage => {
  const nodes = new Map<string, LineageNode>();
  const edges: { from: string; to: string }[] = [];
  const link = (from: string, to: string): void => {
    if (!edges.some((edge) => edge.from === from && edge.to === to)) edges.push({ from, to });
  };
  // A dataset that is reached on two ways stands as far to the left as the longer one asks for.
  const place = (node: LineageNode): void => {
    const known = nodes.get(node.id);
    if (known === undefined || node.level < known.level) nodes.set(node.id, node);
  };
  const walk = (reference: string, level: number, after: readonly string[]): void => {
    place(sourceNode(reference, level, versions));
    const version = versions.get(reference);
    if (version === undefined) return;
    const way = [...after, reference];
    const maker = version.made_by;
    place(taskNode(maker, level - 1, tasks));
    link(maker, reference);
    if (version.made_from.length === 0) {
      const id = `elsewhere ${maker}`;
      const hint = 'in its payload, or on the web';
      place({ id, kind: 'elsewhere', level: level - 2, title: 'No data of Pulser', hint, place: `/tasks/${maker}` });
      link(id, maker);
    }
    for (const source of version.made_from) {
      link(source.reference, maker);
      if (!way.includes(source.reference)) walk(source.reference, level - 2, way);
    }
  };
  walk(start, 0, []);
  const readers = [...new Set(versions.get(start)?.used_by.map(({ task_id }) => task_id))];
  for (const reader of readers.slice(0, shownReaders)) {
    place(taskNode(reader, 1, tasks));
    link(start, reader);
  }
  const more = readers.length - shownReaders;
  if (more > 0) {
    place({ id: 'more', kind: 'more', level: 1, title: `${more} more`, hint: 'tasks have read it' });
    link(start, 'more');
  }
  return { nodes: [...nodes.values()].sort((a, b) => a.level - b.level), edges };
};

export interface PlacedNode extends LineageNode {
  /** Pixels from the left and the top. */
  readonly x: number;
  readonly y: number;
}

export const boxWidth = 196;
export const boxHeight = 52;
const gapX = 44;
const gapY = 12;

/** Where the boxes stand: a column for each level, each in the middle of the height. */
export const placed = ({ nodes }: Lineage): { boxes: PlacedNode[]; width: number; height: number } => {
  const columns = [...Map.groupBy(nodes, ({ level }) => level)].sort(([a], [b]) => a - b).map(([, of]) => of);
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const height = tallest * (boxHeight + gapY) - gapY;
  const boxes = columns.flatMap((column, place) => {
    const top = (height - (column.length * (boxHeight + gapY) - gapY)) / 2;
    return column.map((node, row) => ({
      ...node,
      x: place * (boxWidth + gapX),
      y: top + row * (boxHeight + gapY),
    }));
  });
  return { boxes, width: Math.max(1, columns.length) * (boxWidth + gapX) - gapX, height };
};
