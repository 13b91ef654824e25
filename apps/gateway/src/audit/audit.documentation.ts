import { AuditPage, AuditVerdict } from '@pulser/contracts';

import { Documented } from '../docs/documented.js';

/** What the API's documentation says of each route. */
export const documentedAudit = {
  page: Documented({
    id: 'listAuditEntries',
    summary: 'List who changed what, newest first',
    description: 'Nobody can add, change or remove an entry by themselves: each is written by the change itself.',
    answers: [{ status: 200, description: 'A page', schema: AuditPage }],
    problems: ['invalid_request'],
  }),
  verify: Documented({
    id: 'verifyAudit',
    summary: 'Check that no entry was altered, removed or moved',
    answers: [{ status: 200, description: 'What was found', schema: AuditVerdict }],
  }),
};
