// What an App Platform spec must say beside what its schema asks for.
import { Part } from '../documents/part.js';
import type { YamlDocument } from '../documents/yaml-document.js';
import { cronProblem } from './cron.policy.js';
import { type Hit, missingIn, repeated, type Rule, wrong } from './finding.js';
import { isInstanceSize } from './instance-sizes.js';
import { plainSecret } from './plain-secret.policy.js';

export interface Component {
  readonly part: Part;
  readonly kind: 'services' | 'workers' | 'jobs' | 'static_sites' | 'functions' | 'databases';
  readonly name: string;
}

/** A spec with its components. */
export interface AppSpec {
  readonly part: Part;
  readonly components: readonly Component[];
}

const kinds = ['services', 'workers', 'jobs', 'static_sites', 'functions', 'databases'] as const;

export const appSpecOf = (document: YamlDocument): AppSpec => {
  const part = new Part(document);
  const components = kinds.flatMap((kind) =>
    part.items(kind).map((one) => ({ part: one, kind, name: one.at('name').text ?? '' })),
  );
  return { part, components };
};

const of = (spec: AppSpec, ...wanted: readonly Component['kind'][]): Component[] =>
  spec.components.filter(({ kind }) => wanted.includes(kind));

const running = (spec: AppSpec): Component[] => of(spec, 'services', 'workers');

const envsOf = (spec: AppSpec): Part[] =>
  [spec.part, ...spec.components.map(({ part }) => part)].flatMap((part) => part.items('envs'));

const secrets = (spec: AppSpec): Hit[] =>
  envsOf(spec).flatMap((env) => {
    if (env.at('type').is('SECRET')) return [];
    const problem = plainSecret(env.at('key').text ?? '', env.at('value').text ?? '');
    return problem === undefined ? [] : [wrong(env.at('value'), problem)];
  });

const sources = ['git', 'github', 'gitlab', 'bitbucket', 'image'] as const;

const sourceProblems = (spec: AppSpec): Hit[] =>
  of(spec, 'services', 'workers', 'jobs', 'static_sites', 'functions').flatMap(({ part, name }) => {
    const given = sources.filter((source) => part.at(source).exists);
    if (given.length === 1) return [];
    const what = given.length === 0 ? 'no source' : `the sources ${given.join(' and ')}`;
    return [missingIn(part, `${name} has ${what}; it takes one`)];
  });

const imageTags = (spec: AppSpec): Hit[] =>
  spec.components.flatMap(({ part, name }) => {
    const image = part.at('image');
    if (!image.exists || image.at('digest').exists) return [];
    const tag = image.at('tag');
    if (!tag.exists) return [missingIn(image, `${name} names no tag, which means latest`)];
    return tag.is('latest') ? [wrong(tag, `${name} has the tag latest`)] : [];
  });

const isDedicated = (slug: Part): boolean => /^(?:apps-d-|professional-)/.test(slug.text ?? '');

const autoscaling = (spec: AppSpec): Hit[] =>
  running(spec).flatMap(({ part, name }) => {
    const scaling = part.at('autoscaling');
    if (!scaling.exists) return [];
    const [slug, count] = [part.at('instance_size_slug'), part.at('instance_count')];
    const [min, max] = [scaling.at('min_instance_count'), scaling.at('max_instance_count')];
    const size = `${name} scales, which takes a size with dedicated CPUs (apps-d-...)`;
    return [
      ...(isDedicated(slug) ? [] : [slug.exists ? wrong(slug, size) : missingIn(part, size)]),
      ...(count.exists ? [wrong(count, `${name} scales: instance_count and autoscaling exclude each other`)] : []),
      ...((min.number ?? 1) > (max.number ?? Infinity)
        ? [wrong(min, `At least ${min.number ?? 1} and at most ${max.number ?? 1} instances`)]
        : []),
    ];
  });

const unknownSizes = (spec: AppSpec): Hit[] =>
  of(spec, 'services', 'workers', 'jobs')
    .map(({ part }) => part.at('instance_size_slug'))
    .filter(({ text }) => text !== undefined && !isInstanceSize(text))
    .map((slug) => wrong(slug, `App Platform has no size ${slug.text ?? ''}`));

const singleInstances = (spec: AppSpec): Hit[] =>
  of(spec, 'services').flatMap(({ part, name }) => {
    const count = part.at('instance_count');
    if (part.at('autoscaling').exists || (count.number ?? 1) > 1) return [];
    const message = `${name} has one instance`;
    return [count.exists ? wrong(count, message) : missingIn(part, message)];
  });

const deprecated = (spec: AppSpec): Hit[] =>
  spec.components.flatMap(({ part }) => {
    const [routes, slug] = [part.at('routes'), part.at('instance_size_slug')];
    const path = part.at('health_check', 'path');
    return [
      ...(routes.exists ? [wrong(routes, 'Routes of a component are deprecated: use ingress')] : []),
      ...(/^(?:basic|professional)-/.test(slug.text ?? '')
        ? [wrong(slug, `The size ${slug.text ?? ''} is deprecated: use apps-s-... or apps-d-...`)]
        : []),
      ...(path.exists ? [wrong(path, 'The path of a health check is deprecated: use http_path')] : []),
    ];
  });

const ingressComponents = (spec: AppSpec): Hit[] =>
  spec.part
    .items('ingress', 'rules')
    .map((rule) => rule.at('component', 'name'))
    .filter(({ text }) => text !== undefined && !spec.components.some(({ name }) => name === text))
    .map((name) => wrong(name, `There is no component "${name.text ?? ''}"`));

const ingressPaths = (spec: AppSpec): Hit[] =>
  repeated(spec.part.items('ingress', 'rules'), (rule) =>
    rule.at('match').exists ? JSON.stringify(rule.at('match').value) : undefined,
  ).map((rule) => wrong(rule, 'An earlier rule matches the same requests'));

const bindable = /\$\{([A-Za-z0-9_-]+)\.[A-Za-z0-9_]+\}/g;

const bindings = (spec: AppSpec): Hit[] => {
  const names = new Set(['_self', ...spec.components.map(({ name }) => name)]);
  return envsOf(spec).flatMap((env) => {
    const value = env.at('value');
    const unknown = [...(value.text ?? '').matchAll(bindable)]
      .map(([, name = '']) => name)
      .find((one) => !names.has(one));
    return unknown === undefined ? [] : [wrong(value, `There is no component or database "${unknown}"`)];
  });
};

const limits = { grace_period_seconds: 600, drain_seconds: 110 } as const;

const terminations = (spec: AppSpec): Hit[] =>
  spec.components.flatMap(({ part }) =>
    Object.entries(limits).flatMap(([name, most]) => {
      const seconds = part.at('termination', name);
      return (seconds.number ?? 1) > most || (seconds.number ?? 1) < 1
        ? [wrong(seconds, `${name} is 1 to ${most} seconds`)]
        : [];
    }),
  );

const schedules = (spec: AppSpec): Hit[] =>
  of(spec, 'jobs').flatMap(({ part }) => {
    const cron = part.at('schedule', 'cron');
    const problem = cron.text === undefined ? undefined : cronProblem(cron.text);
    return problem === undefined ? [] : [wrong(cron, problem)];
  });

const portProblems = (spec: AppSpec): Hit[] =>
  of(spec, 'services').flatMap(({ part, name }) => {
    const port = part.at('http_port');
    return part
      .items('internal_ports')
      .filter((internal) => internal.value === (port.number ?? 8080) && port.exists)
      .map((internal) => wrong(internal, `${name}: port ${internal.word ?? ''} is its public port as well`));
  });

/** Rules of an App Platform spec. */
export const appPlatformRules: readonly Rule<AppSpec>[] = [
  {
    id: 'app-plain-secret',
    severity: 'error',
    reason: 'Whoever reads the spec, the repository or the console has the secret.',
    fix: 'Set type: SECRET and give the value in the console or by doctl, or bind a database (${db.DATABASE_URL}).',
    check: secrets,
  },
  {
    id: 'app-health-check',
    severity: 'error',
    reason: 'Without a path only the port is asked: a deployment counts as healthy before it can answer.',
    fix: 'Add health_check with http_path.',
    check: (spec) =>
      of(spec, 'services')
        .filter(({ part }) => !part.at('health_check').exists)
        .map(({ part, name }) => missingIn(part, `${name} has no health check`)),
  },
  {
    id: 'app-image-tag',
    severity: 'error',
    reason: 'Which version runs depends on when it was deployed, and no rollback leads back.',
    fix: 'Name a tag or a digest.',
    check: imageTags,
  },
  {
    id: 'app-source',
    severity: 'error',
    reason: 'App Platform refuses a component with no source or with two.',
    fix: 'Give one of git, github, gitlab, bitbucket, image.',
    check: sourceProblems,
  },
  {
    id: 'app-autoscaling',
    severity: 'error',
    reason: 'App Platform refuses it.',
    fix: 'Use a size apps-d-..., min_instance_count at most max_instance_count, and no instance_count.',
    check: autoscaling,
  },
  {
    id: 'app-instance-size',
    severity: 'error',
    reason: 'App Platform refuses a size that it does not have.',
    fix: 'Use a size such as apps-s-1vcpu-1gb or apps-d-1vcpu-2gb.',
    check: unknownSizes,
  },
  {
    id: 'app-single-instance',
    severity: 'warning',
    reason: 'A restart or a lost machine takes the service down.',
    fix: 'Set instance_count: 2, or autoscaling.',
    check: singleInstances,
  },
  {
    id: 'app-deprecated',
    severity: 'warning',
    reason: 'What is deprecated goes away.',
    fix: 'Use what is named instead.',
    check: deprecated,
  },
  {
    id: 'app-ingress-component',
    severity: 'error',
    reason: 'App Platform refuses a rule that leads nowhere.',
    fix: 'Name a component of the spec.',
    check: ingressComponents,
  },
  {
    id: 'app-ingress-path',
    severity: 'error',
    reason: 'The later rule is never reached.',
    fix: 'Remove one, or give it another path.',
    check: ingressPaths,
  },
  {
    id: 'app-binding',
    severity: 'error',
    reason: 'The variable keeps the text with the braces as its value.',
    fix: 'Name a component or a database of the spec.',
    check: bindings,
  },
  {
    id: 'app-duplicate-name',
    severity: 'error',
    reason: 'App Platform refuses two components of one name.',
    fix: 'Rename one.',
    check: ({ components }) =>
      repeated(components, ({ name }) => name || undefined).map(({ part, name }) =>
        wrong(part, `The component "${name}" is there twice`),
      ),
  },
  {
    id: 'app-job-kind',
    severity: 'warning',
    reason: 'When a job of no kind runs is left to App Platform.',
    fix: 'Say PRE_DEPLOY, POST_DEPLOY, FAILED_DEPLOY or SCHEDULED.',
    check: (spec) =>
      of(spec, 'jobs')
        .filter(({ part }) => !part.at('kind').exists)
        .map(({ part, name }) => missingIn(part, `It is not said when ${name} runs`)),
  },
  {
    id: 'app-termination',
    severity: 'error',
    reason: 'App Platform refuses longer times.',
    fix: 'At most 600 s of grace and 110 s of draining.',
    check: terminations,
  },
  {
    id: 'app-schedule',
    severity: 'error',
    reason: 'App Platform refuses the schedule.',
    fix: 'Write minute, hour, day, month and day of the week.',
    check: schedules,
  },
  {
    id: 'app-port',
    severity: 'error',
    reason: 'App Platform refuses a port that is public and internal.',
    fix: 'Remove it from internal_ports.',
    check: portProblems,
  },
];
