export * from './agent/agent.env.js';
export * from './agent/agent-profile.js';
export * from './agent/define-agent.js';
export * from './skills/skill.js';
export * from './skills/task-context.js';
