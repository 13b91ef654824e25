// A server of tools without a library, revision 2025-11-25, that misbehaves on request. Its one argument is JSON:
// startMs: milliseconds until it answers anything; stubborn: it does not end when its stdin does, nor at SIGTERM;
// diesOfProbe: it ends when the first message is not `initialize`; helper: it starts a process of its own;
// description: of the tool `echo`.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const options = JSON.parse(process.argv[2] ?? '{}');
const startedAt = Date.now();
let isHung = false;
let { description = 'Answers what it is told.' } = options;
const helper = options.helper ? spawn('sleep', ['600'], { stdio: 'ignore' }) : undefined;

if (options.stubborn) {
  process.on('SIGTERM', () => undefined);
  setInterval(() => undefined, 1_000);
}

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

const text = Object.freeze({ type: 'object', properties: { text: { type: 'string' } }, additionalProperties: false });
const tools = () => [
  { name: 'echo', description, inputSchema: text, annotations: { readOnlyHint: true }, unknownMember: 1 },
  { name: 'process', description: 'Says its process ids.', inputSchema: { type: 'object' } },
  { name: 'environment', description: 'Says its environment.', inputSchema: { type: 'object' } },
  { name: 'hang', description: 'Answers nothing from now on.', inputSchema: { type: 'object' } },
  { name: 'wait', description: 'Waits.', inputSchema: { type: 'object', properties: { ms: { type: 'number' } } } },
  { name: 'change', description: 'Changes the description of echo.', inputSchema: text },
];

const answer = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value });

const calls = {
  echo: ({ text: said }) => ({ text: said ?? '' }),
  process: () => ({ pid: process.pid, helper: helper?.pid ?? null, startedAt }),
  environment: () => ({ ...process.env }),
  hang: () => {
    isHung = true;
    return new Promise(() => undefined);
  },
  wait: ({ ms = 0 }) => new Promise((resolve) => setTimeout(resolve, ms, { ms })),
  change: ({ text: changed }) => {
    description = changed;
    send({ method: 'notifications/tools/list_changed' });
    return {};
  },
};

const results = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: 'plain', version: '1.0.0' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: tools() }),
  'tools/call': async ({ name, arguments: args = {} }) => answer(await calls[name](args)),
};

const handle = async ({ id, method, params = {} }) => {
  if (isHung || id === undefined) return;
  if (options.diesOfProbe && method === 'server/discover') process.exit(3);
  const result = results[method];
  if (result === undefined) send({ id, error: { code: -32601, message: 'Method not found' } });
  else send({ id, result: await result(params) });
};

setTimeout(() => {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => void handle(JSON.parse(line)));
  lines.on('close', () => {
    if (!options.stubborn) process.exit(0);
  });
}, options.startMs ?? 0);
