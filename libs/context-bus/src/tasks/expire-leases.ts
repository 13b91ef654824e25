import { deadLetters } from '../dead-letters/of-failed-tasks.js';

const error = `'{"code": "worker_lost", "message": "The worker was lost", "permanent": false}'::jsonb`;

/**
 * Common table expressions that take running tasks away from workers that are gone: the attempt counts, the next epoch
 * shuts the old worker out, and the task is queued again or, out of attempts, fails with a dead letter.
 * @param held name of a row set (tenant_id, task_id) of locked running tasks; the result is called `lost`
 */
export const expireLeases = (held: string): string => `lost as (
     update task_queue t set
       status = case when t.attempts >= t.max_attempts then 'failed' else 'queued' end::task_status,
       due_at = case when t.attempts < t.max_attempts then now() end,
       completed_at = case when t.attempts >= t.max_attempts then now() end,
       epoch = t.epoch + 1, error = ${error}, updated_at = now()
     from ${held} h where t.tenant_id = h.tenant_id and t.task_id = h.task_id
     returning t.*
   ), lost_attempts as (
     insert into task_event (tenant_id, task_id, seq, at, body)
     select tenant_id, task_id, (epoch - 1) * 1000000::bigint + e.place, e.at, e.body from lost, lateral (values
       (0, started_at, jsonb_build_object('type', 'status', 'status', 'running', 'attempt', attempts)),
       (999999, now(), jsonb_build_object('type', 'status', 'status', 'queued', 'attempt', attempts, 'error', error))
     ) as e(place, at, body) where status = 'queued'
   ), ${deadLetters('lost', 'lost_dead')}`;
