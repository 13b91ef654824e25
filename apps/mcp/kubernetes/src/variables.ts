// The variables of the server, and the connection that they make.
import type { ToolCallContext, Variable } from '@pulser/mcp-server-kit';

import { type Connection, fromKubeconfig, fromParts } from './connection.policy.js';

export const variables: readonly Variable[] = [
  {
    name: 'KUBERNETES_KUBECONFIG',
    description:
      'the text of a kubeconfig whose current context has a token or certificates in it; plugins and paths of files are refused. Instead of it: KUBERNETES_URL, KUBERNETES_TOKEN and KUBERNETES_CA',
    secret: true,
    example: 'apiVersion: v1\nkind: Config\n…',
  },
  { name: 'KUBERNETES_URL', description: 'URL of the API server', secret: false, example: 'https://203.0.113.7:6443' },
  { name: 'KUBERNETES_TOKEN', description: 'bearer token, as of a service account', secret: true },
  { name: 'KUBERNETES_CA', description: 'certificate that signed that of the API server, in PEM', secret: false },
  { name: 'KUBERNETES_NAMESPACE', description: 'namespace of tools that are given none; default', secret: false },
];

/** @throws ToolError not_configured, refused */
export const connectionOf = (call: Pick<ToolCallContext, 'required' | 'optional'>): Connection => {
  const url = call.optional('KUBERNETES_URL');
  const namespace = call.optional('KUBERNETES_NAMESPACE');
  if (url !== undefined)
    return fromParts({ url, token: call.required('KUBERNETES_TOKEN'), ca: call.optional('KUBERNETES_CA'), namespace });
  const connection = fromKubeconfig(call.required('KUBERNETES_KUBECONFIG'));
  return namespace === undefined ? connection : { ...connection, namespace };
};
