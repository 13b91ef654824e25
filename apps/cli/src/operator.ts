import { userInfo } from 'node:os';

import { type Actor, systemActor } from '@pulser/context-bus';

/** How the audit trail names whoever uses the command line. @param command what was asked for */
export const operator = (command: string): Actor => systemActor(userInfo().username, `pulser ${command}`);
