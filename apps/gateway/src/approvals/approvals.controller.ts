// Approvals: what tasks ask persons for. Nothing is decided by a GET.
import { Body, Controller, Get, HttpCode, HttpStatus, Module, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  ApprovalDelegation,
  ApprovalDetail,
  ApprovalLinkQuery,
  ApprovalPage,
  ApprovalQuery,
  ApprovalVerdict,
  ApprovalView,
} from '@pulser/contracts';

import { Caller, type RequestCaller } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented, OptionalBody } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';
import { IdParameter, IdPipe } from '../rest/parameters.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { ApprovalMetrics, Approvals } from './approvals.service.js';

const whoDecides =
  'Decided by a person: the subject of a token or, of a key, whoever made it. Refused with `self_approval` for who submitted ' +
  'the first ancestor of the task, wrote its schedule or the version of its workflow, or made the key that did.';

const detail = [{ status: 200, description: 'The approval as it is now', schema: ApprovalDetail }];
const refusals = ['not_found', 'self_approval', 'not_a_decider', 'conflict'] as const;

const OptionalVerdict = ApprovalVerdict.nullish();

@ApiTags('approvals')
@Controller('api/v1/approvals')
export class ApprovalsController {
  constructor(private readonly approvals: Approvals) {}

  @Role('viewer')
  @Documented({
    id: 'listApprovals',
    summary: 'List approvals, newest first',
    answers: [{ status: 200, description: 'A page', schema: ApprovalPage }],
    problems: ['invalid_request'],
  })
  @Exportable({
    name: 'approvals',
    row: ApprovalView,
    rows: 'approvals',
    paging: { parameter: 'cursor', next: 'next_cursor' },
  })
  @Get()
  list(@Caller() caller: RequestCaller, @Query({ schema: ApprovalQuery }) query: ApprovalQuery): Promise<ApprovalPage> {
    return this.approvals.page(caller, query);
  }

  @Role('viewer')
  @IdParameter('the approval')
  @Documented({
    id: 'getApproval',
    summary: 'Get an approval, with what differs from the last approved one',
    answers: [{ status: 200, description: 'The approval', schema: ApprovalDetail }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':id')
  view(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('approval')) approvalId: string,
    @Query({ schema: ApprovalLinkQuery }) { link }: ApprovalLinkQuery,
  ): Promise<ApprovalDetail> {
    return this.approvals.view(caller, approvalId, link);
  }

  @Role('approver')
  @IdParameter('the approval')
  @OptionalBody()
  @Documented({
    id: 'approve',
    summary: 'Approve',
    description: `${whoDecides} The last approval that is needed lets the task go on; the same decision sent again changes nothing.`,
    answers: detail,
    problems: [...bodyProblems, ...refusals, 'precondition_failed'],
  })
  @Post(':id/approve')
  @HttpCode(HttpStatus.OK)
  approve(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('approval')) approvalId: string,
    @Body({ schema: OptionalVerdict }) verdict: ApprovalVerdict | null | undefined,
  ): Promise<ApprovalDetail> {
    return this.approvals.decide(caller, approvalId, 'approved', verdict ?? {});
  }

  @Role('approver')
  @IdParameter('the approval')
  @OptionalBody()
  @Documented({
    id: 'deny',
    summary: 'Deny',
    description: `${whoDecides} One denial is enough.`,
    answers: detail,
    problems: [...bodyProblems, ...refusals, 'precondition_failed'],
  })
  @Post(':id/deny')
  @HttpCode(HttpStatus.OK)
  deny(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('approval')) approvalId: string,
    @Body({ schema: OptionalVerdict }) verdict: ApprovalVerdict | null | undefined,
  ): Promise<ApprovalDetail> {
    return this.approvals.decide(caller, approvalId, 'denied', verdict ?? {});
  }

  @Role('approver')
  @IdParameter('the approval')
  @Documented({
    id: 'delegateApproval',
    summary: 'Give the place of a named decider to another person',
    description: `Only where persons are named. ${whoDecides} The same holds for the other person.`,
    answers: detail,
    problems: [...bodyProblems, ...refusals],
  })
  @Post(':id/delegate')
  @HttpCode(HttpStatus.OK)
  delegate(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('approval')) approvalId: string,
    @Body({ schema: ApprovalDelegation }) delegation: ApprovalDelegation,
  ): Promise<ApprovalDetail> {
    return this.approvals.delegate(caller, approvalId, delegation);
  }
}

@Module({ imports: [TasksModule], controllers: [ApprovalsController], providers: [Approvals, ApprovalMetrics] })
export class ApprovalsModule {}
