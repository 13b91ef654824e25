/** Common table expression `name`: a dead letter for every failed task of the row set `from`. */
export const deadLetters = (from: string, name: string): string => `${name} as (
     insert into dead_letter (tenant_id, task_id, task_type, agent_name, reason, error)
     select tenant_id, task_id, task_type, assigned_agent, error ->> 'code', error from ${from} where status = 'failed'
   )`;
