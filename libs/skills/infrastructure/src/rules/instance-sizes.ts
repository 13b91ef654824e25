// The sizes of instances that App Platform has (docs.digitalocean.com/products/app-platform, November 2026).

export interface InstanceSize {
  readonly slug: string;
  readonly cpu: number;
  readonly memoryMb: number;
}

const size = (slug: string, cpu: number, memoryMb: number): InstanceSize => ({ slug, cpu, memoryMb });

/** From small to large. */
export const sharedSizes: readonly InstanceSize[] = [
  size('apps-s-1vcpu-0.5gb', 1, 512),
  size('apps-s-1vcpu-1gb', 1, 1_024),
  size('apps-s-1vcpu-2gb', 1, 2_048),
  size('apps-s-2vcpu-4gb', 2, 4_096),
];

/** From small to large; only these scale. */
export const dedicatedSizes: readonly InstanceSize[] = [
  size('apps-d-1vcpu-0.5gb', 1, 512),
  size('apps-d-1vcpu-1gb', 1, 1_024),
  size('apps-d-1vcpu-2gb', 1, 2_048),
  size('apps-d-1vcpu-4gb', 1, 4_096),
  size('apps-d-2vcpu-4gb', 2, 4_096),
  size('apps-d-2vcpu-8gb', 2, 8_192),
  size('apps-d-4vcpu-8gb', 4, 8_192),
  size('apps-d-4vcpu-16gb', 4, 16_384),
  size('apps-d-8vcpu-32gb', 8, 32_768),
];

/** Taken still; a rule of its own warns of them. */
const deprecated = [
  ...['basic-xxs', 'basic-xs', 'basic-s', 'basic-m'],
  ...['professional-xs', 'professional-s', 'professional-m', 'professional-1l', 'professional-l', 'professional-xl'],
];

const slugs = new Set([
  ...[...sharedSizes, ...dedicatedSizes].map(({ slug }) => slug),
  'apps-s-1vcpu-1gb-fixed',
  ...deprecated,
]);

export const isInstanceSize = (slug: string): boolean => slugs.has(slug);
