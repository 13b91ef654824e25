// The server: its variables and its tools.
import type { McpServerDefinition } from '@pulser/mcp-server-kit';

import { commitTools } from './tools/commits.js';
import { fileTools } from './tools/files.js';
import { issueTools } from './tools/issues.js';
import { pullRequestTools } from './tools/pull-requests.js';
import { repositoryTools } from './tools/repositories.js';
import { reviewTools } from './tools/reviews.js';
import { workflowTools } from './tools/workflows.js';

export const github: McpServerDefinition = {
  name: 'github',
  title: 'GitHub',
  version: '0.2.0',
  variables: [
    {
      name: 'GITHUB_TOKEN',
      description: 'Token of a user or an app, with the rights that the tools are to have',
      secret: true,
      required: true,
    },
    {
      name: 'GITHUB_API_URL',
      description: 'Address of the REST API of a GitHub Enterprise Server; by default that of github.com',
      secret: false,
      example: 'https://github.example.com/api/v3',
    },
    {
      name: 'GITHUB_REPOSITORIES',
      description:
        'Repositories that may be named, comma separated, with * for any characters; by default all that the token reaches',
      secret: false,
      example: 'acme/*, octocat/hello-world',
    },
  ],
  tools: [
    ...repositoryTools,
    ...fileTools,
    ...commitTools,
    ...pullRequestTools,
    ...reviewTools,
    ...issueTools,
    ...workflowTools,
  ],
};
