import { secretsEnv } from '@pulser/context-bus';
import { databaseEnv } from '@pulser/database';
import { embeddingEnv } from '@pulser/embedding';
import { amqpEnv } from '@pulser/messaging';
import { outgoingEnv } from '@pulser/outgoing/rules';
import { BaseEnv, Env, listVariable, numberVariable, wholeVariable } from '@pulser/service-kit';
import { z } from 'zod';

import type { UpstreamTimes } from './upstreams/upstream.js';

const { OUTGOING_PORTS, OUTGOING_ALLOW, OUTGOING_ORIGINS } = outgoingEnv;

/** Configuration of the MCP coordinator. */
export class McpCoordinatorEnv extends Env({
  ...BaseEnv,
  ...databaseEnv,
  ...amqpEnv,
  ...secretsEnv,
  ...embeddingEnv,
  // What Pulser's own servers may reach.
  ...{ OUTGOING_PORTS, OUTGOING_ALLOW, OUTGOING_ORIGINS },
  MCP_CONFIG_FILE: z
    .string()
    .optional()
    .describe(
      'JSON file with further MCP servers, in the format of VS Code and Claude (`mcpServers`); it may name variables of the environment as `${env:NAME}`. A change is noticed while the coordinator runs',
    ),
  MCP_SERVERS_MODE: z
    .enum(['stdio', 'in-process', 'off'])
    .default('stdio')
    .describe(
      "How Pulser's own MCP servers run: each as a process, in that of the coordinator (less memory, less apart), or not at all",
    ),
  MCP_START_LIMIT: wholeVariable(1, 100, 4).describe('MCP servers that start at a time'),
  MCP_START_S: numberVariable(1, 600, 30).describe('Seconds that an MCP server gets to start and to list its tools'),
  MCP_PING_EVERY_S: numberVariable(0.05, 3_600, 15).describe(
    'Seconds between two pings of an MCP server; after two without an answer it is started again',
  ),
  MCP_PING_S: numberVariable(0.05, 600, 5).describe('Seconds within which an MCP server has to answer a ping'),
  MCP_DRAIN_S: numberVariable(0, 3_600, 10).describe(
    'Seconds that calls in hand get to end when their MCP server is replaced or the coordinator stops',
  ),
  // Read with all others of its prefix.
  MCP_ALL_SUPABASE_DB_URL: z
    .string()
    .optional()
    .describe(
      "URL of Pulser's own database with the login pulser_mcp: the MCP server supabase searches the memories of each tenant by it. Any other variable of an MCP server is set for all tenants in the same way, by `MCP_ALL_` before its name",
    ),
  MCP_ORIGINS: listVariable().describe(
    'Origins of web pages that may use /mcp, like https://tools.example.com, comma separated; those of this machine always may',
  ),
  PULSER_API_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8000')
    .describe("Base URL of the gateway, which is asked by Pulser's own tools at /mcp with the key of their caller"),
}) {
  get upstreamTimes(): UpstreamTimes {
    return {
      pingEveryMs: this.MCP_PING_EVERY_S * 1_000,
      pingLimitMs: this.MCP_PING_S * 1_000,
      startLimitMs: this.MCP_START_S * 1_000,
      drainLimitMs: this.MCP_DRAIN_S * 1_000,
    };
  }
}
