export * from './agent/agent.env.js';
export * from './agent/agent-profile.js';
export * from './run/define-agent.js';
export * from './skills/skill.js';
export * from './threads/handler-thread-pool.js';
export { LocalFiles } from './context/local-files.js';
export { RunBegins } from './context/workflow-host.js';
