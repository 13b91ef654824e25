import { Injectable, type PipeTransform } from '@nestjs/common';
import type { PauseTarget } from '@pulser/context-bus';
import { AgentName, HttpError, TaskType } from '@pulser/contracts';

/** An agent's name in a path. @throws HttpError `not_found` */
@Injectable()
export class PausedAgentPipe implements PipeTransform<string, PauseTarget> {
  transform(name: string): PauseTarget {
    const agent = AgentName.safeParse(name);
    if (!agent.success) throw new HttpError('not_found');
    return { agent: agent.data };
  }
}

/** A task type in a path. @throws HttpError `not_found` */
@Injectable()
export class PausedTypePipe implements PipeTransform<string, PauseTarget> {
  transform(name: string): PauseTarget {
    const taskType = TaskType.safeParse(name);
    if (!taskType.success) throw new HttpError('not_found');
    return { taskType: taskType.data };
  }
}
