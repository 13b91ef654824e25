// Schedules by name: what is submitted at times to come, and what became of the times that have passed.
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Module,
  Param,
  type PipeTransform,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import {
  Backfilled,
  BackfillOrder,
  ExportQuery,
  FirePage,
  FireQuery,
  FireView,
  ScheduleDetail,
  ScheduleList,
  ScheduleName,
  ScheduleOrder,
  SchedulePauseOrder,
  SchedulePreview,
  ScheduleTimes,
  ScheduleView,
  TriggerOrder,
} from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented, OptionalBody } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';
import { notFound } from '../rest/parameters.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { SchedulesService } from './schedules.service.js';

/** The name of a schedule in a path. Text that cannot be one is answered like a name that does not exist. */
class NamePipe implements PipeTransform<string, ScheduleName> {
  transform(name: string): ScheduleName {
    if (!ScheduleName.safeParse(name).success) throw notFound('schedule');
    return name;
  }
}

const NameParameter = (): MethodDecorator =>
  ApiParam({
    name: 'name',
    description: 'Name of the schedule: a small letter, then small letters, digits and hyphens, 63 at most',
    schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,62}$' },
  });

const detail = (status: number, description: string) => ({ status, description, schema: ScheduleDetail });

const OptionalPause = SchedulePauseOrder.nullish();
const OptionalTrigger = TriggerOrder.nullish();

const refusals = ['invalid_payload', 'unknown_destination', 'task_type_not_served', 'forbidden', 'conflict'] as const;

@ApiTags('schedules')
@Controller('api/v1/schedules')
export class SchedulesController {
  constructor(private readonly schedules: SchedulesService) {}

  @Role('viewer')
  @Documented({
    id: 'listSchedules',
    summary: 'List the schedules',
    answers: [{ status: 200, description: 'All of the tenant, by name', schema: ScheduleList }],
  })
  @Exportable({ name: 'schedules', row: ScheduleView, rows: 'schedules' })
  @Get()
  // It is checked here, and read by `@Exportable`.
  list(@Query({ schema: ExportQuery }) _: ExportQuery, @TenantId() tenantId: string): Promise<ScheduleList> {
    return this.schedules.list(tenantId);
  }

  @Role('viewer')
  @Documented({
    id: 'previewSchedule',
    summary: 'The next ten times of a schedule that is not there yet',
    answers: [{ status: 200, description: 'From now on', schema: SchedulePreview }],
    problems: bodyProblems,
  })
  @Post('preview')
  @HttpCode(HttpStatus.OK)
  preview(@Body({ schema: ScheduleTimes }) times: ScheduleTimes): SchedulePreview {
    return this.schedules.preview(times);
  }

  @Role('viewer')
  @NameParameter()
  @Documented({
    id: 'getSchedule',
    summary: 'Get a schedule, with its next ten times',
    answers: [detail(200, 'The schedule')],
    problems: ['not_found'],
  })
  @Get(':name')
  view(@TenantId() tenantId: string, @Param('name', NamePipe) name: ScheduleName): Promise<ScheduleDetail> {
    return this.schedules.find(tenantId, name);
  }

  @Role('operator')
  @NameParameter()
  @Documented({
    id: 'putSchedule',
    summary: 'Make or replace a schedule',
    description:
      'Its author is who writes it last: each task is submitted with the rights that this key has at that time (of a ' +
      'person: had when it was written). When they do not reach any more, the schedule is paused and says so. The task ' +
      'is checked as if it were submitted now. Who replaces a schedule that was paused for that, or because it could not ' +
      'be fired, lets it go on.',
    answers: [detail(200, 'The schedule as it is now'), detail(201, 'The schedule, which was not there')],
    problems: [...bodyProblems, 'not_found', ...refusals],
  })
  @Put(':name')
  async put(
    @Caller() caller: RequestCaller,
    @Param('name', NamePipe) name: ScheduleName,
    @Body({ schema: ScheduleOrder }) order: ScheduleOrder,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduleDetail> {
    const { created, schedule } = await this.schedules.put(caller, name, order);
    reply.status(created ? HttpStatus.CREATED : HttpStatus.OK);
    return schedule;
  }

  @Role('operator')
  @NameParameter()
  @Documented({
    id: 'deleteSchedule',
    summary: 'Delete a schedule, with what became of its times',
    answers: [{ status: 204, description: 'It is gone; its tasks go on' }],
    problems: ['not_found'],
  })
  @Delete(':name')
  @HttpCode(HttpStatus.NO_CONTENT)
  remove(@Caller() caller: RequestCaller, @Param('name', NamePipe) name: ScheduleName): Promise<void> {
    return this.schedules.remove(caller, name);
  }

  @Role('operator')
  @NameParameter()
  @OptionalBody()
  @Documented({
    id: 'pauseSchedule',
    summary: 'Pause a schedule',
    description: 'Its tasks go on. One that is paused keeps its reason.',
    answers: [detail(200, 'The schedule as it is now')],
    problems: [...bodyProblems, 'not_found'],
  })
  @Post(':name/pause')
  @HttpCode(HttpStatus.OK)
  pause(
    @Caller() caller: RequestCaller,
    @Param('name', NamePipe) name: ScheduleName,
    @Body({ schema: OptionalPause }) order: SchedulePauseOrder | null | undefined,
  ): Promise<ScheduleDetail> {
    return this.schedules.pause(caller, name, order?.note);
  }

  @Role('operator')
  @NameParameter()
  @Documented({
    id: 'resumeSchedule',
    summary: 'Resume a schedule',
    description: 'It goes on with its next time from now. Those of the pause count as skipped.',
    answers: [detail(200, 'The schedule as it is now')],
    problems: ['not_found'],
  })
  @Post(':name/resume')
  @HttpCode(HttpStatus.OK)
  resume(@Caller() caller: RequestCaller, @Param('name', NamePipe) name: ScheduleName): Promise<ScheduleDetail> {
    return this.schedules.resume(caller, name);
  }

  @Role('operator')
  @NameParameter()
  @OptionalBody()
  @Documented({
    id: 'triggerSchedule',
    summary: 'Fire a schedule now',
    description: 'Also one that is paused. The task is submitted in a moment, with the rights of the author.',
    answers: [{ status: 202, description: 'The fire, which waits to be started', schema: FireView }],
    problems: [...bodyProblems, 'not_found'],
  })
  @Post(':name/trigger')
  @HttpCode(HttpStatus.ACCEPTED)
  trigger(
    @Caller() caller: RequestCaller,
    @Param('name', NamePipe) name: ScheduleName,
    @Body({ schema: OptionalTrigger }) order: TriggerOrder | null | undefined,
  ): Promise<FireView> {
    return this.schedules.trigger(caller, name, order?.overlap);
  }

  @Role('operator')
  @NameParameter()
  @Documented({
    id: 'backfillSchedule',
    summary: 'Fire a schedule for times of the past',
    description: 'Those of the range that have no fire yet, 1,000 times at most. Also of one that is paused.',
    answers: [{ status: 202, description: 'How many fires there will be', schema: Backfilled }],
    problems: [...bodyProblems, 'not_found'],
  })
  @Post(':name/backfill')
  @HttpCode(HttpStatus.ACCEPTED)
  backfill(
    @Caller() caller: RequestCaller,
    @Param('name', NamePipe) name: ScheduleName,
    @Body({ schema: BackfillOrder }) order: BackfillOrder,
  ): Promise<Backfilled> {
    return this.schedules.backfill(caller, name, order);
  }

  @Role('viewer')
  @NameParameter()
  @Documented({
    id: 'listFires',
    summary: 'List what became of the times of a schedule, latest first',
    answers: [{ status: 200, description: 'A page', schema: FirePage }],
    problems: ['invalid_request', 'not_found'],
  })
  @Exportable({
    name: 'schedule-fires',
    row: FireView,
    rows: 'fires',
    paging: { parameter: 'cursor', next: 'next_cursor' },
  })
  @Get(':name/fires')
  fires(
    @TenantId() tenantId: string,
    @Param('name', NamePipe) name: ScheduleName,
    @Query({ schema: FireQuery }) query: FireQuery,
  ): Promise<FirePage> {
    return this.schedules.fires(tenantId, name, query);
  }
}

@Module({ imports: [TasksModule], controllers: [SchedulesController], providers: [SchedulesService] })
export class SchedulesModule {}
