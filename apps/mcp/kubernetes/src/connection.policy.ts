// Where the cluster is and who asks it, from the variables of the caller.
import { ToolError } from '@pulser/mcp-server-kit';
import { parse } from 'yaml';
import { z } from 'zod';

/** All that a request to the API server needs. */
export interface Connection {
  /** URL of the API server, without a slash at its end. */
  readonly server: string;
  /** Counts where a tool is given no namespace. */
  readonly namespace: string;
  readonly headers: Readonly<Record<string, string>>;
  /** In PEM. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly servername?: string };
}

// A kubeconfig of a tenant must not run a command, read a file, or go through a proxy of this machine.
const refused: Readonly<Record<string, string>> = {
  exec: 'would run a command',
  'auth-provider': 'would run a command or read files',
  'certificate-authority': 'would read a file: put its content into certificate-authority-data',
  'client-certificate': 'would read a file: put its content into client-certificate-data',
  'client-key': 'would read a file: put its content into client-key-data',
  tokenFile: 'would read a file: put its content into token',
  'proxy-url': 'would send requests through a proxy',
};

const Cluster = z.strictObject({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority-data': z.base64().optional(),
  'tls-server-name': z.string().optional(),
  'insecure-skip-tls-verify': z.literal(false).optional(),
  'disable-compression': z.boolean().optional(),
  extensions: z.unknown().optional(),
});
const User = z.strictObject({
  token: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  'client-certificate-data': z.base64().optional(),
  'client-key-data': z.base64().optional(),
  as: z.string().optional(),
  extensions: z.unknown().optional(),
});
const Context = z.object({ cluster: z.string(), user: z.string(), namespace: z.string().min(1).optional() });

const Fields = z.record(z.string(), z.unknown());
const Kubeconfig = z.object({
  'current-context': z.string().min(1),
  clusters: z.array(z.object({ name: z.string(), cluster: Fields })),
  users: z.array(z.object({ name: z.string(), user: Fields })),
  contexts: z.array(z.object({ name: z.string(), context: Fields })),
});

const invalid = (why: string): ToolError =>
  new ToolError('not_configured', `KUBERNETES_KUBECONFIG cannot be used: ${why}`);

// Names of fields only: a value may be a secret.
const checked = <Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')} is not supported`
      : `${issue.path.join('.')} is missing or wrong`,
  );
  throw invalid(`${what}: ${fields.join('; ')}`);
};

const withoutRefused = (entry: Readonly<Record<string, unknown>>, what: string): unknown => {
  const [key] = Object.keys(refused).filter((name) => entry[name] !== undefined && entry[name] !== null);
  if (key !== undefined)
    throw new ToolError('refused', `KUBERNETES_KUBECONFIG: ${key} of ${what} ${refused[key] ?? ''}`);
  if (entry['insecure-skip-tls-verify'] === true)
    throw new ToolError('refused', 'KUBERNETES_KUBECONFIG: the certificate of the cluster is always checked');
  return entry;
};

const find = <Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  name: string,
  what: string,
): Entry => {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) throw invalid(`it has no ${what} ${JSON.stringify(name)}`);
  return found;
};

const documentOf = (text: string): unknown => {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new ToolError('not_configured', 'KUBERNETES_KUBECONFIG is not YAML', { cause: error });
  }
};

const decoded = (data: string | undefined): string | undefined =>
  data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');

const authorization = (user: z.output<typeof User>): Record<string, string> => {
  const { username, password = '' } = user;
  if ('token' in user) return { authorization: `Bearer ${user.token ?? ''}` };
  if (username === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
};

const defined = <Value extends object>(value: Value): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never;

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/**
 * The connection of a kubeconfig's current context.
 * @throws ToolError refused, where it would run commands or read files; not_configured, where it is incomplete
 */
export const fromKubeconfig = (text: string): Connection => {
  const config = checked(Kubeconfig, documentOf(text), 'the file');
  const { context } = find(config.contexts, config['current-context'], 'context');
  const { cluster, user, namespace = 'default' } = checked(Context, context, 'the current context');
  const clusterEntry = find(config.clusters, cluster, 'cluster').cluster;
  const userEntry = find(config.users, user, 'user').user;
  const place = checked(Cluster, withoutRefused(clusterEntry, 'the cluster'), 'the cluster');
  const who = checked(User, withoutRefused(userEntry, 'the user'), 'the user');
  return {
    server: withoutSlash(place.server),
    namespace,
    headers: { ...authorization(who), ...(who.as !== undefined && { 'impersonate-user': who.as }) },
    tls: defined({
      ca: decoded(place['certificate-authority-data']),
      cert: decoded(who['client-certificate-data']),
      key: decoded(who['client-key-data']),
      servername: place['tls-server-name'],
    }),
  };
};

/** Values of the variables besides a kubeconfig. */
export interface ConnectionParts {
  readonly url: string;
  readonly token: string;
  readonly ca: string | undefined;
  readonly namespace: string | undefined;
}

/** The connection of single variables. @throws ToolError not_configured */
export const fromParts = ({ url, token, ca, namespace = 'default' }: ConnectionParts): Connection => {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new ToolError('not_configured', 'KUBERNETES_URL is not an http or https URL');
  return {
    server: withoutSlash(url),
    namespace,
    headers: { authorization: `Bearer ${token}` },
    tls: defined({ ca }),
  };
};
