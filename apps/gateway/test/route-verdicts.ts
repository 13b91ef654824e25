/** Who asks. */
export const callers = [
  'nobody',
  'viewer',
  'operator',
  'approver',
  'admin',
  'service',
  'stranger',
  'of-all-viewer',
  'of-all-operator',
  'of-all-admin',
] as const;
export type CallerName = (typeof callers)[number];

/**
 * What every caller is answered by every route of the API; `ok` is any 2xx. What is named in a path and asked for is the
 * tenant's. `service` is an operator's key for tasks of the type `testing`, and the tasks here are of another; `stranger`
 * is an administrator of another tenant, who gets his own where a path has no id, and there is nothing of his. `of-all` are
 * keys of the installation: a row that leaves them out is a tenant's route, and answers each of them 403.
 */
export const routeVerdicts = `
                                             nobody   viewer   operator approver admin    service  stranger of-all-viewer of-all-operator of-all-admin
get    /api/v1/approvals                     401      ok       ok       ok       ok       ok       ok
get    /api/v1/approvals/{id}                401      ok       ok       ok       ok       ok       404
post   /api/v1/approvals/{id}/approve        401      403      403      ok       ok       403      404
post   /api/v1/approvals/{id}/delegate       401      403      403      ok       ok       403      404
post   /api/v1/approvals/{id}/deny           401      403      403      ok       ok       403      404
delete /api/v1/conversations/{id}            401      403      ok       ok       ok       ok       404
delete /api/v1/datasets/{name}               401      403      ok       ok       ok       ok       404
delete /api/v1/datasets/{name}/versions/{version}  401 403      ok       ok       ok       ok       404
delete /api/v1/hooks/{name}                  401      403      403      403      ok       403      404
delete /api/v1/keys/{id}                     401      403      403      403      ok       403      404
delete /api/v1/memories                      401      403      ok       ok       ok       ok       ok
delete /api/v1/memories/{id}                 401      403      ok       ok       ok       ok       404
delete /api/v1/schedules/{name}              401      403      ok       ok       ok       ok       404
delete /api/v1/sessions/current              401      404      404      404      404      404      404      404 404 404
delete /api/v1/sessions/{id}                 401      404      404      404      ok       404      404      404 404 404
delete /api/v1/settings/{name}               401      403      403      403      ok       403      404
delete /api/v1/secrets/{name}                401      403      403      403      ok       403      404
get    /api/v1/agents                        401      ok       ok       ok       ok       ok       ok       ok ok ok
get    /api/v1/agents/{agent}                401      ok       ok       ok       ok       ok       ok       ok ok ok
get    /api/v1/agents/{agent}/health         401      ok       ok       ok       ok       ok       ok       ok ok ok
get    /api/v1/audit                         401      403      403      403      ok       403      ok
get    /api/v1/audit/verdict                 401      403      403      403      ok       403      ok
get    /api/v1/conversations                 401      ok       ok       ok       ok       ok       ok
get    /api/v1/conversations/{id}            401      ok       ok       ok       ok       ok       404
get    /api/v1/datasets                      401      ok       ok       ok       ok       ok       ok
get    /api/v1/datasets/{name}               401      ok       ok       ok       ok       ok       404
get    /api/v1/datasets/{name}/versions/{version}  401 ok       ok       ok       ok       ok       404
get    /api/v1/datasets/{name}/versions/{version}/content  401 ok ok     ok       ok       ok       404
get    /api/v1/datasets/{name}/versions/{version}/rows  401 ok  ok       ok       ok       ok       404
get    /api/v1/dead-letters                  401      ok       ok       ok       ok       ok       ok
get    /api/v1/dead-letters/groups           401      ok       ok       ok       ok       ok       ok
get    /api/v1/dead-letters/{id}             401      ok       ok       ok       ok       ok       404
get    /api/v1/events                        401      ok       ok       ok       ok       ok       ok
get    /api/v1/hooks                         401      ok       ok       ok       ok       ok       ok
get    /api/v1/hooks/{name}                  401      ok       ok       ok       ok       ok       404
get    /api/v1/hooks/{name}/firings          401      ok       ok       ok       ok       ok       404
get    /api/v1/keys                          401      403      403      403      ok       403      ok
get    /api/v1/installation/audit            401      403      403      403      403      403      403      403 403 ok
get    /api/v1/installation/audit/verdict    401      403      403      403      403      403      403      403 403 ok
get    /api/v1/installation/pauses           401      403      403      403      403      403      403      ok ok ok
get    /api/v1/me                            401      ok       ok       ok       ok       ok       ok       ok ok ok
get    /api/v1/mcp/calls                     401      ok       ok       ok       ok       ok       ok
get    /api/v1/mcp/calls/{id}                401      ok       ok       ok       ok       ok       404
get    /api/v1/mcp/pins                      401      403      403      403      403      403      403      ok ok ok
get    /api/v1/mcp/servers                   401      ok       ok       ok       ok       ok       ok
get    /api/v1/mcp/servers/{name}            401      ok       ok       ok       ok       ok       ok
get    /api/v1/mcp/tools                     401      403      ok       ok       ok       ok       ok
get    /api/v1/mcp/tools/{name}              401      403      ok       ok       ok       ok       ok
get    /api/v1/memories                      401      ok       ok       ok       ok       ok       ok
get    /api/v1/memories/models               401      ok       ok       ok       ok       ok       ok
get    /api/v1/memories/{id}                 401      ok       ok       ok       ok       ok       404
get    /api/v1/pauses                        401      ok       ok       ok       ok       ok       ok
get    /api/v1/quotas                        401      ok       ok       ok       ok       ok       ok
get    /api/v1/scaling/{agent}               401      403      403      403      403      403      403      ok ok ok
get    /api/v1/secrets                       401      403      ok       ok       ok       ok       ok
get    /api/v1/sessions                      401      ok       ok       ok       ok       ok       ok       ok ok ok
get    /api/v1/sessions/oidc/callback        404      404      404      404      404      404      404      404 404 404
get    /api/v1/sessions/oidc/start           404      404      404      404      404      404      404      404 404 404
get    /api/v1/sessions/ways                 ok       ok       ok       ok       ok       ok       ok       ok ok ok
get    /api/v1/settings                      401      ok       ok       ok       ok       ok       ok
get    /api/v1/settings/{name}               401      ok       ok       ok       ok       ok       404
get    /api/v1/spend                         401      ok       ok       ok       ok       ok       ok
get    /api/v1/status                        401      ok       ok       ok       ok       ok       ok
get    /api/v1/task-types                    401      ok       ok       ok       ok       ok       ok
get    /api/v1/tasks                         401      ok       ok       ok       ok       ok       ok
get    /api/v1/tasks/{id}                    401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/artifacts          401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/artifacts/{name}   401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/events             401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/explain            401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/spend              401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/trace              401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/waits              401      ok       ok       ok       ok       ok       404
get    /api/v1/telemetry/depth                401      ok       ok       ok       ok       ok       ok
get    /api/v1/telemetry/errors               401      ok       ok       ok       ok       ok       ok
get    /api/v1/telemetry/health               401      ok       ok       ok       ok       ok       ok
get    /api/v1/telemetry/latency              401      ok       ok       ok       ok       ok       ok
get    /api/v1/telemetry/throughput           401      ok       ok       ok       ok       ok       ok
get    /api/v1/uploads/{sha256}              401      ok       ok       ok       ok       ok       404
get    /api/v1/schedules                     401      ok       ok       ok       ok       ok       ok
get    /api/v1/schedules/{name}              401      ok       ok       ok       ok       ok       404
get    /api/v1/schedules/{name}/fires        401      ok       ok       ok       ok       ok       404
patch  /api/v1/tasks/{id}                    401      403      ok       ok       ok       ok       404
patch  /api/v1/uploads/{sha256}              401      403      ok       ok       ok       ok       ok
post   /api/v1/agents/{name}/pause           401      403      ok       ok       ok       ok       ok
post   /api/v1/agents/{name}/resume          401      403      ok       ok       ok       ok       ok
post   /api/v1/datasets/{name}               401      403      ok       ok       ok       403      ok
post   /api/v1/dead-letters/discard          401      403      ok       ok       ok       ok       ok
post   /api/v1/dead-letters/replay           401      403      ok       ok       ok       ok       ok
post   /api/v1/dead-letters/{id}/discard     401      403      ok       ok       ok       ok       404
post   /api/v1/dead-letters/{id}/reopen      401      403      ok       ok       ok       ok       404
post   /api/v1/dead-letters/{id}/replay      401      403      ok       ok       ok       403      404
post   /api/v1/installation/agents/{name}/pause  401  403      403      403      403      403      403      403 ok ok
post   /api/v1/installation/agents/{name}/resume  401 403      403      403      403      403      403      403 ok ok
post   /api/v1/installation/task-types/{name}/pause  401 403   403      403      403      403      403      403 ok ok
post   /api/v1/installation/task-types/{name}/resume  401 403  403      403      403      403      403      403 ok ok
post   /api/v1/hooks/{name}                  404      404      404      404      404      404      404      404 404 404
post   /api/v1/keys                          401      403      403      403      ok       403      ok
post   /api/v1/keys/{id}/rotate              401      403      403      403      ok       403      404
post   /api/v1/mcp/pins/approve              401      403      403      403      403      403      403      403 ok ok
post   /api/v1/mcp/tools/{name}/call         401      403      ok       ok       ok       ok       ok
post   /api/v1/memories                      401      403      ok       ok       ok       ok       ok
post   /api/v1/memories/search               401      ok       ok       ok       ok       ok       ok
post   /api/v1/schedules/preview             401      ok       ok       ok       ok       ok       ok
post   /api/v1/schedules/{name}/backfill     401      403      ok       ok       ok       403      404
post   /api/v1/schedules/{name}/pause        401      403      ok       ok       ok       ok       404
post   /api/v1/schedules/{name}/resume       401      403      ok       ok       ok       ok       404
post   /api/v1/schedules/{name}/trigger      401      403      ok       ok       ok       403      404
post   /api/v1/sessions                      ok       ok       ok       ok       ok       ok       ok       ok ok ok
post   /api/v1/task-types/{name}/pause       401      403      ok       ok       ok       ok       ok
post   /api/v1/task-types/{name}/resume      401      403      ok       ok       ok       ok       ok
post   /api/v1/tasks                         401      403      ok       ok       ok       403      ok
post   /api/v1/tasks/batch                   401      403      ok       ok       ok       ok       ok
post   /api/v1/tasks/{id}/cancel             401      403      ok       ok       ok       ok       404
post   /api/v1/tasks/{id}/signals/{name}     401      403      ok       ok       ok       403      404
put    /api/v1/datasets/{name}               401      403      ok       ok       ok       403      ok
put    /api/v1/hooks/{name}                  401      403      403      403      ok       403      ok
put    /api/v1/schedules/{name}              401      403      ok       ok       ok       403      ok
put    /api/v1/secrets/{name}                401      403      403      403      ok       403      ok
put    /api/v1/settings/{name}               401      403      403      403      ok       403      ok
get    /api/v1/runs                          401      ok       ok       ok       ok       ok       ok
get    /api/v1/runs/{id}                     401      ok       ok       ok       ok       ok       404
get    /api/v1/runs/{id}/steps/{step}/tasks  401      ok       ok       ok       ok       ok       404
get    /api/v1/workflows                     401      ok       ok       ok       ok       ok       ok
get    /api/v1/workflows/{name}              401      ok       ok       ok       ok       ok       404
get    /api/v1/workflows/{name}/diff         401      ok       ok       ok       ok       ok       404
get    /api/v1/workflows/{name}/graph        401      ok       ok       ok       ok       ok       404
post   /api/v1/runs/{id}/rerun               401      403      422      422      422      403      404
post   /api/v1/workflows/plan                401      ok       ok       ok       ok       ok       ok
put    /api/v1/workflows/{name}              401      403      ok       ok       ok       ok       ok
delete /api/v1/destinations/{id}             401      403      403      403      ok       403      404      403 403 404
delete /api/v1/incidents/{id}/silence        401      403      403      403      403      403      403      403 ok ok
get    /api/v1/destinations                  401      403      ok       ok       ok       ok       ok       403 ok ok
get    /api/v1/destinations/{id}             401      403      ok       ok       ok       ok       404      403 404 404
get    /api/v1/destinations/{id}/deliveries  401      403      ok       ok       ok       ok       404      403 404 404
get    /api/v1/incidents                     401      403      403      403      403      403      403      ok ok ok
get    /api/v1/incidents/{id}                401      403      403      403      403      403      403      ok ok ok
patch  /api/v1/destinations/{id}             401      403      403      403      ok       403      404      403 403 404
post   /api/v1/deliveries/{id}/redeliver     401      403      ok       ok       ok       ok       404      403 404 404
post   /api/v1/destinations                  401      403      403      403      ok       403      ok       403 403 ok
post   /api/v1/destinations/confirm          404      404      404      404      404      404      404      404 404 404
post   /api/v1/destinations/{id}/test        401      403      403      403      ok       403      404      403 403 404
post   /api/v1/incidents/{id}/acknowledge    401      403      403      403      403      403      403      403 ok ok
post   /api/v1/incidents/{id}/silence        401      403      403      403      403      403      403      403 ok ok
`;

/** What differs for a page with the session of the same callers: it has one to end. */
export const pageVerdicts: Readonly<Record<string, string>> = { 'delete /api/v1/sessions/current': 'ok' };
