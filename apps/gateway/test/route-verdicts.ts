/** Who asks. */
export const callers = ['nobody', 'viewer', 'operator', 'approver', 'admin', 'service', 'stranger'] as const;
export type CallerName = (typeof callers)[number];

/**
 * What every caller is answered by every route of the API; `ok` is any 2xx. What is named in a path and asked for is the
 * tenant's. `service` is an operator's key for tasks of the type `testing`, and the tasks here are of another; `stranger`
 * is an administrator of another tenant, who gets his own where a path has no id, and there is nothing of his.
 */
export const routeVerdicts = `
                                             nobody   viewer   operator approver admin    service  stranger
delete /api/v1/keys/{id}                     401      403      403      403      ok       403      404
get    /api/v1/agents                        401      ok       ok       ok       ok       ok       ok
get    /api/v1/audit                         401      403      403      403      ok       403      ok
get    /api/v1/audit/verdict                 401      403      403      403      ok       403      ok
get    /api/v1/dead-letters                  401      ok       ok       ok       ok       ok       ok
get    /api/v1/dead-letters/groups           401      ok       ok       ok       ok       ok       ok
get    /api/v1/dead-letters/{id}             401      ok       ok       ok       ok       ok       404
get    /api/v1/keys                          401      403      403      403      ok       403      ok
get    /api/v1/me                            401      ok       ok       ok       ok       ok       ok
get    /api/v1/pauses                        401      ok       ok       ok       ok       ok       ok
get    /api/v1/status                        401      ok       ok       ok       ok       ok       ok
get    /api/v1/task-types                    401      ok       ok       ok       ok       ok       ok
get    /api/v1/tasks                         401      ok       ok       ok       ok       ok       ok
get    /api/v1/tasks/{id}                    401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/artifacts          401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/artifacts/{name}   401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/events             401      ok       ok       ok       ok       ok       404
get    /api/v1/tasks/{id}/explain            401      ok       ok       ok       ok       ok       404
post   /api/v1/agents/{name}/pause           401      403      ok       ok       ok       ok       ok
post   /api/v1/agents/{name}/resume          401      403      ok       ok       ok       ok       ok
post   /api/v1/dead-letters/discard          401      403      ok       ok       ok       ok       ok
post   /api/v1/dead-letters/replay           401      403      ok       ok       ok       ok       ok
post   /api/v1/dead-letters/{id}/discard     401      403      ok       ok       ok       ok       404
post   /api/v1/dead-letters/{id}/replay      401      403      ok       ok       ok       403      404
post   /api/v1/keys                          401      403      403      403      ok       403      ok
post   /api/v1/keys/{id}/rotate              401      403      403      403      ok       403      404
post   /api/v1/task-types/{name}/pause       401      403      ok       ok       ok       ok       ok
post   /api/v1/task-types/{name}/resume      401      403      ok       ok       ok       ok       ok
post   /api/v1/tasks                         401      403      ok       ok       ok       403      ok
post   /api/v1/tasks/batch                   401      403      ok       ok       ok       ok       ok
post   /api/v1/tasks/{id}/cancel             401      403      ok       ok       ok       ok       404
`;
