// The server as a list.
import type { McpServerDefinition } from '@pulser/mcp-server-kit';

import { deploymentRestart, deploymentScale } from './tools/deployment-changes.js';
import { deploymentCreate } from './tools/deployment-create.js';
import { deploymentGet, deploymentList } from './tools/deployments.js';
import { eventList } from './tools/event-list.js';
import { manifestApply } from './tools/manifest-apply.js';
import { namespaceCreate, namespaceList } from './tools/namespaces.js';
import { podLogs } from './tools/pod-logs.js';
import { podDelete, podGet, podList } from './tools/pods.js';
import { resourceUsage } from './tools/resource-usage.js';
import { rolloutStatus } from './tools/rollout-status.js';
import { rolloutUndo } from './tools/rollout-undo.js';
import { serviceCreate, serviceList } from './tools/services.js';
import { variables } from './variables.js';

export const kubernetes: McpServerDefinition = {
  name: 'kubernetes',
  title: 'Kubernetes',
  version: '0.2.0',
  variables,
  ports: [6443],
  tools: [
    namespaceList,
    namespaceCreate,
    podList,
    podGet,
    podLogs,
    podDelete,
    deploymentList,
    deploymentGet,
    deploymentCreate,
    deploymentScale,
    deploymentRestart,
    rolloutStatus,
    rolloutUndo,
    serviceList,
    serviceCreate,
    manifestApply,
    eventList,
    resourceUsage,
  ],
};
