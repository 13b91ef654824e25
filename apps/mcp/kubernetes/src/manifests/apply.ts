// Server-side apply of the objects of a manifest: all of them as a trial first, then one by one.
import { ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { type Cluster, type ClusterAnswer, parseAnswer } from '../cluster.js';
import { failureOf, missingNamespace } from '../failures.policy.js';
import { differenceOf } from './difference.policy.js';
import type { Manifest } from './documents.policy.js';
import { Resources } from './resources.js';

const AnyObject = z.record(z.string(), z.unknown());
type AnyObject = z.infer<typeof AnyObject>;

export type Change = 'create' | 'change' | 'unchanged';

/** What an apply does, or did, to one object. */
export interface Applied {
  readonly object: Manifest;
  readonly namespace: string | undefined;
  readonly change: Change;
  readonly difference: string;
  readonly warnings: readonly string[];
  /** Why it could not be tried: what it needs is part of the same manifest. */
  readonly untried?: string;
}

export interface ApplyOptions {
  readonly namespace: string;
  readonly fieldManager: string;
  /** Takes fields from the managers that own them. */
  readonly force: boolean;
}

export const nameOf = ({ kind, metadata }: Manifest): string => `${kind}/${metadata.name}`;

// `299 - "text"`, several in one header (RFC 9111).
const warningsOf = (headers: Headers): readonly string[] =>
  [...(headers.get('warning') ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll('\\"', '"'),
  );

const asFailure = (object: Manifest, { status, text, headers }: ClusterAnswer): ToolError => {
  const { code, message, retryAfterS } = failureOf(status, text, headers.get('retry-after'));
  return new ToolError(code, `${nameOf(object)}: ${message}`, { retryAfterS });
};

/** Applies the objects of one manifest. */
export class Apply {
  private readonly resources: Resources;
  private readonly namespaces: ReadonlySet<string>;
  private readonly definesKinds: boolean;

  constructor(
    private readonly cluster: Cluster,
    private readonly objects: readonly Manifest[],
    private readonly options: ApplyOptions,
  ) {
    this.resources = new Resources(cluster, options.namespace);
    const namespaces = objects.filter(({ kind, apiVersion }) => kind === 'Namespace' && apiVersion === 'v1');
    this.namespaces = new Set(namespaces.map(({ metadata }) => metadata.name));
    this.definesKinds = objects.some(({ kind }) => kind === 'CustomResourceDefinition');
  }

  /** What an apply would do. Nothing is changed. @throws ToolError of the first object that would fail */
  async trial(): Promise<readonly Applied[]> {
    const applied: Applied[] = [];
    for (const object of this.objects) applied.push(await this.tryOne(object));
    return applied;
  }

  /** Applies all, in their order. @throws ToolError of the first that fails, naming those that were applied */
  async run(onDone: (done: number, object: Manifest) => void): Promise<readonly Applied[]> {
    const applied: Applied[] = [];
    for (const object of this.objects) {
      applied.push(await this.runOne(object, applied));
      onDone(applied.length, object);
    }
    return applied;
  }

  private async runOne(object: Manifest, before: readonly Applied[]): Promise<Applied> {
    try {
      this.resources.forget();
      return await this.apply(object, false);
    } catch (error) {
      if (!(error instanceof ToolError) || before.length === 0) throw error;
      const done = before.map((one) => nameOf(one.object)).join(', ');
      const rest = this.objects
        .slice(before.length + 1)
        .map(nameOf)
        .join(', ');
      const text = `Applied before: ${done}. ${error.message}.${rest && ` Not tried: ${rest}.`}`;
      throw new ToolError(error.code, text, { retryAfterS: error.retryAfterS, cause: error });
    }
  }

  private async tryOne(object: Manifest): Promise<Applied> {
    if (this.definesKinds && (await this.resources.find(object)) === undefined)
      return this.untried(object, 'its kind comes with this manifest');
    return this.apply(object, true);
  }

  private untried(object: Manifest, untried: string): Applied {
    const namespace = object.metadata.namespace;
    return { object, namespace, change: 'create', difference: differenceOf(undefined, object), warnings: [], untried };
  }

  private async apply(object: Manifest, dryRun: boolean): Promise<Applied> {
    const { path, namespace } = await this.resources.place(object);
    const before = await this.present(object, path);
    const answer = await this.patch(object, path, dryRun);
    const missing = missingNamespace(answer.text);
    if (dryRun && missing !== undefined && this.namespaces.has(missing))
      return this.untried(object, `its namespace ${missing} comes with this manifest`);
    if (answer.status !== 200 && answer.status !== 201) throw asFailure(object, answer);
    const after = parseAnswer(AnyObject, answer.text);
    const difference = differenceOf(before, after);
    const change = before === undefined ? 'create' : difference === '' ? 'unchanged' : 'change';
    return { object, namespace, change, difference, warnings: warningsOf(answer.headers) };
  }

  private async present(object: Manifest, path: string): Promise<AnyObject | undefined> {
    const answer = await this.cluster.ask({ path });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw asFailure(object, answer);
    return parseAnswer(AnyObject, answer.text);
  }

  // JSON is YAML: the object is sent as it was read, and unknown fields are an error of the API server's.
  private patch(object: Manifest, path: string, dryRun: boolean): Promise<ClusterAnswer> {
    const { fieldManager, force } = this.options;
    return this.cluster.ask({
      ...{ method: 'PATCH', path, body: object, contentType: 'application/apply-patch+yaml' },
      query: { fieldManager, force, fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined },
    });
  }
}
