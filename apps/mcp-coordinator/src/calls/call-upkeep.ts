import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ToolCallLog } from '@pulser/context-bus';
import { toolLimits } from '@pulser/contracts';
import { Rounds } from '@pulser/service-kit';

const everyMs = 60_000;
/** Seconds after which nobody waits for a call any more. */
const lostAfterS = toolLimits.maxTimeoutMs / 1_000 + 60;

/** Ends calls whose coordinator has ended before they were answered. */
@Injectable()
export class CallUpkeep implements OnApplicationBootstrap {
  constructor(
    private readonly rounds: Rounds,
    private readonly log: ToolCallLog,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.every(everyMs, async () => {
      await this.log.loseOld(lostAfterS);
    });
  }
}
