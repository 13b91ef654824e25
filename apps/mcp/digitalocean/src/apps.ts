// An app of App Platform: what DigitalOcean says of it, and how tools show it.
import { z } from 'zod';

/** Ids of apps and deployments; they become part of addresses. */
export const Id = z.string().regex(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'is no id');

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/, 'is no name of an app');

const maxSpec = 500_000;

/** A spec as DigitalOcean documents it; DigitalOcean itself checks all but its name. */
export const AppSpec = z
  .looseObject({ name: Name })
  .refine((spec) => JSON.stringify(spec).length <= maxSpec, `is longer than ${maxSpec} characters`)
  .describe(
    'App spec: name, region, services, workers, jobs, static_sites, functions, databases, ingress, envs, alerts',
  );

// What the answers hold of a deployment; fields that are empty are left out of them.
export const DeploymentAnswer = z.object({
  id: z.string(),
  phase: z.string().default('UNKNOWN'),
  cause: z.string().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
});
export type DeploymentAnswer = z.output<typeof DeploymentAnswer>;

export const DeploymentView = z.object({
  id: z.string(),
  phase: z
    .string()
    .describe('PENDING_BUILD, BUILDING, PENDING_DEPLOY, DEPLOYING, ACTIVE, SUPERSEDED, ERROR, CANCELED or UNKNOWN'),
  cause: z.string().nullable(),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
});

export const deploymentView = ({
  id,
  phase,
  cause,
  created_at,
  updated_at,
}: DeploymentAnswer): z.input<typeof DeploymentView> => ({
  ...{ id, phase },
  cause: cause ?? null,
  created_at: created_at ?? null,
  updated_at: updated_at ?? null,
});

const Domain = z.object({
  phase: z.string().nullish(),
  spec: z.object({ domain: z.string(), type: z.string().nullish() }).nullish(),
  certificate_expires_at: z.string().nullish(),
});

const Spec = z.looseObject({ name: z.string() });

export const AppAnswer = z.object({
  id: z.string(),
  spec: Spec,
  live_url: z.string().nullish(),
  default_ingress: z.string().nullish(),
  region: z.object({ slug: z.string() }).nullish(),
  project_id: z.string().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  active_deployment: DeploymentAnswer.nullish(),
  in_progress_deployment: DeploymentAnswer.nullish(),
  pending_deployment: DeploymentAnswer.nullish(),
  pinned_deployment: DeploymentAnswer.nullish(),
  domains: z.array(Domain).nullish(),
});
export type AppAnswer = z.output<typeof AppAnswer>;

export const AppView = z.object({
  id: z.string(),
  name: z.string(),
  live_url: z.string().nullable().describe('null until a deployment is live'),
  region: z.string().nullable(),
  project_id: z.string().nullable(),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  active_deployment: DeploymentView.nullable(),
  next_deployment: DeploymentView.nullable().describe('The one that is in progress or waits'),
  pinned_deployment: DeploymentView.nullable().describe('Set while a rollback holds back other deployments'),
});

const viewOrNull = (deployment: DeploymentAnswer | null | undefined) =>
  deployment ? deploymentView(deployment) : null;

export const appView = (app: AppAnswer): z.input<typeof AppView> => ({
  ...{ id: app.id, name: app.spec.name },
  live_url: app.live_url ?? app.default_ingress ?? null,
  region: app.region?.slug ?? null,
  project_id: app.project_id ?? null,
  created_at: app.created_at ?? null,
  updated_at: app.updated_at ?? null,
  active_deployment: viewOrNull(app.active_deployment),
  next_deployment: viewOrNull(app.in_progress_deployment ?? app.pending_deployment),
  pinned_deployment: viewOrNull(app.pinned_deployment),
});

export const DomainView = z.object({
  domain: z.string(),
  type: z.string().nullable(),
  phase: z.string().nullable(),
  certificate_expires_at: z.string().nullable(),
});

export const domainsOf = ({ domains }: AppAnswer): z.input<typeof DomainView>[] =>
  (domains ?? []).flatMap(({ spec, phase, certificate_expires_at }) =>
    spec
      ? [
          {
            domain: spec.domain,
            type: spec.type ?? null,
            phase: phase ?? null,
            certificate_expires_at: certificate_expires_at ?? null,
          },
        ]
      : [],
  );

export const componentKinds = ['services', 'workers', 'jobs', 'static_sites', 'functions', 'databases'] as const;

export const ComponentView = z.object({
  name: z.string(),
  kind: z.enum(componentKinds),
  source: z.string().nullable().describe('Repository and branch, or image'),
  instance_size: z.string().nullable(),
  instances: z.number().nullable(),
});

const Source = { repo: z.string().nullish(), branch: z.string().nullish() };
const Component = z.object({
  name: z.string(),
  github: z.object(Source).nullish(),
  gitlab: z.object(Source).nullish(),
  bitbucket: z.object(Source).nullish(),
  git: z.object({ repo_clone_url: z.string().nullish(), branch: z.string().nullish() }).nullish(),
  image: z
    .object({
      registry: z.string().nullish(),
      repository: z.string().nullish(),
      tag: z.string().nullish(),
      digest: z.string().nullish(),
    })
    .nullish(),
  engine: z.string().nullish(),
  instance_size_slug: z.string().nullish(),
  instance_count: z.number().nullish(),
});
type Component = z.output<typeof Component>;

const sourceOf = ({ github, gitlab, bitbucket, git, image, engine }: Component): string | null => {
  const hosted = github ?? gitlab ?? bitbucket;
  if (hosted) return `${hosted.repo ?? ''}@${hosted.branch ?? ''}`;
  if (git) return `${git.repo_clone_url ?? ''}@${git.branch ?? ''}`;
  if (!image) return engine ?? null;
  const version = image.digest ? `@${image.digest}` : `:${image.tag ?? 'latest'}`;
  return [image.registry, image.repository].filter(Boolean).join('/') + version;
};

/** The components of a spec; what is no component of a known shape is only in the spec. */
export const componentsOf = ({ spec }: Pick<AppAnswer, 'spec'>): z.input<typeof ComponentView>[] =>
  componentKinds.flatMap((kind) => {
    const listed = z.array(Component).safeParse(spec[kind]).data ?? [];
    return listed.map((component) => ({
      ...{ name: component.name, kind, source: sourceOf(component) },
      instance_size: component.instance_size_slug ?? null,
      instances: component.instance_count ?? null,
    }));
  });
