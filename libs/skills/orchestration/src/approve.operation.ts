import { notApproved, operation } from '@pulser/agent-runtime/skill';
import { approvalLimits, approvalRules, plainText, StepName } from '@pulser/contracts';
import { z } from 'zod';

/** What `approve` takes: an approval step of a workflow, or the same asked for by a task of its own. */
const ApproveInput = z.strictObject({
  operation: z.literal('approve'),
  title: plainText(approvalLimits.title).min(1).describe('One line of what is to be approved'),
  arguments: z.record(z.string(), z.unknown()).default({}).describe('What is to be approved, exactly'),
  step: StepName.optional().describe('The step of a workflow that asks'),
  ...approvalRules,
});

export const approve = operation({
  name: 'approve',
  summary:
    'Waits until persons who had no part in the request have approved it; fails when they deny it, or nobody decides',
  input: ApproveInput,
  example: {
    operation: 'approve',
    title: 'Publish the figures of March',
    arguments: { dataset: 'figures', version: 3 },
  },
  inline: true,
  handle: async (input, { waitFor }) => {
    const { title, step, needed, role, persons, expires_in_s: expiresInS, notify } = input;
    const terms = { needed, role, expiresInS, notify, ...(persons !== undefined && { persons }) };
    const request = { title, arguments: input.arguments, ...(step !== undefined && { step }), ...terms };
    const { approval } = await waitFor('approval', { approval: request });
    if (!approval.approved) throw notApproved(approval);
    return { approval_id: approval.approvalId, decisions: approval.decisions };
  },
});
