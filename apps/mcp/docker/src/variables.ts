// The variables of the server, and the engine that they name.
import { ToolError, type ToolCallContext, type Variable } from '@pulser/mcp-server-kit';

import { addressOf, type EngineAddress } from './address.policy.js';

export const variables: readonly Variable[] = [
  {
    name: 'DOCKER_HOST',
    description: 'where the engine listens; a socket only where the operator sets it',
    secret: false,
    required: true,
    example: 'tcp://203.0.113.7:2376',
  },
  { name: 'DOCKER_TLS_CA', description: "certificate that signed the engine's, in PEM", secret: false },
  { name: 'DOCKER_TLS_CERT', description: 'certificate of the client, in PEM', secret: false },
  { name: 'DOCKER_TLS_KEY', description: 'key of that certificate, in PEM', secret: true },
  {
    name: 'DOCKER_ALLOWED_IMAGES',
    description: 'images that may be pulled and run, comma separated; /* at the end covers all repositories below',
    secret: false,
    example: 'alpine:3.22,ghcr.io/acme/*',
  },
  {
    name: 'DOCKER_BUILD_ROOT',
    description: "folder of the server's machine below which contexts of builds lie; only the operator may set it",
    secret: false,
    example: '/srv/builds',
  },
  { name: 'DOCKER_REGISTRY', description: 'host of the registry that the login below is for', secret: false },
  { name: 'DOCKER_REGISTRY_USERNAME', description: 'login for pulls from DOCKER_REGISTRY', secret: false },
  { name: 'DOCKER_REGISTRY_PASSWORD', description: 'its password or token', secret: true },
];

type Values = Pick<ToolCallContext, 'required' | 'optional' | 'privateAddresses'>;

const tlsOf = ({ optional }: Values) => {
  const parts = { ca: optional('DOCKER_TLS_CA'), cert: optional('DOCKER_TLS_CERT'), key: optional('DOCKER_TLS_KEY') };
  return Object.fromEntries(Object.entries(parts).filter(([, pem]) => pem !== undefined));
};

/** @throws ToolError not_configured; refused, for a socket of this machine that a tenant names */
export const engineAddress = (call: Values): EngineAddress => {
  const address = addressOf(call.required('DOCKER_HOST'), tlsOf(call));
  if (address.kind === 'socket' && !call.privateAddresses)
    throw new ToolError('refused', 'DOCKER_HOST: only the operator may name a socket');
  return address;
};

/** @throws ToolError not_configured; refused, for a folder of this machine that a tenant names */
export const buildRoot = (call: Values): string => {
  const root = call.required('DOCKER_BUILD_ROOT');
  if (!call.privateAddresses) throw new ToolError('refused', 'DOCKER_BUILD_ROOT: only the operator may name a folder');
  return root;
};

/** The login for images of a repository, as an engine takes it. */
export const registryLogin = ({ optional }: Values, repository: string) => {
  const serveraddress = optional('DOCKER_REGISTRY');
  if (serveraddress === undefined || !repository.startsWith(`${serveraddress}/`)) return undefined;
  const username = optional('DOCKER_REGISTRY_USERNAME') ?? '';
  return { serveraddress, username, password: optional('DOCKER_REGISTRY_PASSWORD') ?? '' };
};
