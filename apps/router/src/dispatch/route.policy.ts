import { agentByTaskType, type AgentName, type TaskType } from '@pulser/contracts';

/** Which agent gets a task of this type. */
export const routeOf = (taskType: TaskType): AgentName => agentByTaskType[taskType];
