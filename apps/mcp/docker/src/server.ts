// The server as a list.
import type { McpServerDefinition } from '@pulser/mcp-server-kit';

import { containerExec } from './tools/container-exec.js';
import { containerInspect } from './tools/container-inspect.js';
import { containerList } from './tools/container-list.js';
import { containerLogs } from './tools/container-logs.js';
import { containerRun } from './tools/container-run.js';
import { containerRemove, containerRestart, containerStart, containerStop } from './tools/container-states.js';
import { containerStats } from './tools/container-stats.js';
import { imageBuild } from './tools/image-build.js';
import { imagePull } from './tools/image-pull.js';
import { imageList, imageRemove } from './tools/images.js';
import { variables } from './variables.js';

export const docker: McpServerDefinition = {
  name: 'docker',
  title: 'Docker',
  version: '0.2.0',
  variables,
  ports: [2375, 2376],
  tools: [
    containerList,
    containerInspect,
    containerLogs,
    containerStats,
    containerRun,
    containerStart,
    containerStop,
    containerRestart,
    containerRemove,
    containerExec,
    imageList,
    imagePull,
    imageBuild,
    imageRemove,
  ],
};
