import { defineTool } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { namespaceField } from '../arguments.js';
import { fieldManager, withCluster } from '../cluster.js';
import { type Applied, Apply, nameOf } from '../manifests/apply.js';
import { objectsOf } from '../manifests/documents.policy.js';

const maxManifest = 512 * 1_024;
const maxDiff = 20_000;

const Result = z.object({
  api_version: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().optional(),
  change: z.enum(['create', 'change', 'unchanged']),
  diff: z.string().describe('unified; values of secrets are masked'),
  diff_truncated: z.boolean(),
  warnings: z.array(z.string()),
  untried: z.string().optional().describe('why the trial could not check it'),
});

const viewOf = ({ object, namespace, change, difference, warnings, untried }: Applied): z.input<typeof Result> => ({
  api_version: object.apiVersion,
  kind: object.kind,
  name: object.metadata.name,
  ...{ namespace, change, untried },
  diff: difference.slice(0, maxDiff),
  diff_truncated: difference.length > maxDiff,
  warnings: [...warnings],
});

export const manifestApply = defineTool({
  name: 'k8s_manifest_apply',
  title: 'Apply a manifest',
  description:
    'Server-side apply of YAML with one or more documents. By default a dry run: the API server checks every object and the answer shows what would change. With dry_run false the same trial is made first, and nothing is applied unless every object passes. Fields that another manager owns are a conflict that names both, unless force_conflicts is set.',
  flag: 'destructive',
  idempotent: true,
  timeLimitMs: 120_000,
  input: z.object({
    manifest: z.string().min(1).max(maxManifest),
    ...namespaceField,
    dry_run: z.boolean().default(true),
    force_conflicts: z.boolean().default(false),
    field_manager: z
      .string()
      .regex(/^[\w.-]{1,128}$/)
      .default(fieldManager),
  }),
  output: z.object({
    dry_run: z.boolean(),
    objects: z.array(Result),
    changes: z.int().describe('objects that are created or changed'),
    truncated: z.boolean(),
  }),
  examples: [
    {
      arguments: {
        manifest: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flags}\ndata: {beta: "on"}\n',
        namespace: 'web',
      },
    },
  ],
  run: (args, call) =>
    withCluster(call, async (cluster) => {
      const objects = objectsOf(args.manifest);
      const apply = new Apply(cluster, objects, {
        namespace: args.namespace ?? cluster.namespace,
        fieldManager: args.field_manager,
        force: args.force_conflicts,
      });
      const trial = await apply.trial();
      const applied = args.dry_run
        ? trial
        : await apply.run((done, object) => {
            call.progress(done, objects.length, nameOf(object));
          });
      const changes = applied.filter(({ change }) => change !== 'unchanged').length;
      return { dry_run: args.dry_run, objects: applied.map(viewOf), changes, truncated: false };
    }),
});
