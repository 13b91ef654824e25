import { blockedEventLoop } from './blocked-event-loop.fault.js';
import { brokerKill, brokerRestart, brokerWipe } from './broker.fault.js';
import { clockAnHourOff } from './clock.fault.js';
import { CrashPoints } from './crash-point.fault.js';
import { backendsTerminated, databaseKill, databaseRestart, diskFull } from './database.fault.js';
import { exchangeDeleted, queueDeleted } from './deleted.fault.js';
import type { Fault } from './fault.js';
import type { FaultName } from './fault-name.js';
import { blink, freeze } from './freeze.fault.js';
import { kill } from './kill.fault.js';
import { killAll } from './kill-all.fault.js';
import { memoryAlarm } from './memory-alarm.fault.js';
import { duplicateDispatches, duplicateSubmissions, malformedMessages } from './messages.fault.js';
import { blackHole, connectionReset, halfBlackHole, latency, slowClose } from './network.fault.js';
import { rollingRestart } from './rolling-restart.fault.js';

/** Every fault by its name. */
export const catalogue = {
  'kill-gateway': kill('gateway'),
  'kill-router': kill('router'),
  'kill-worker': kill('worker'),
  'kill-all': killAll,
  'crash-point': new CrashPoints(),
  'blink-gateway': blink('gateway'),
  'blink-router': blink('router'),
  'blink-worker': blink('worker'),
  'freeze-gateway': freeze('gateway'),
  'freeze-router': freeze('router'),
  'freeze-worker': freeze('worker'),
  'blocked-event-loop': blockedEventLoop,
  'clock-an-hour-off': clockAnHourOff,
  'rolling-restart': rollingRestart,
  'broker-kill': brokerKill,
  'broker-restart': brokerRestart,
  'broker-wipe': brokerWipe,
  'broker-memory-alarm': memoryAlarm,
  'queue-deleted': queueDeleted,
  'exchange-deleted': exchangeDeleted,
  'database-kill': databaseKill,
  'database-restart': databaseRestart,
  'database-disk-full': diskFull,
  'backends-terminated': backendsTerminated,
  'connection-reset': connectionReset,
  'black-hole': blackHole,
  'half-black-hole': halfBlackHole,
  latency,
  'slow-close': slowClose,
  'duplicate-dispatches': duplicateDispatches,
  'duplicate-submissions': duplicateSubmissions,
  'malformed-messages': malformedMessages,
} as const satisfies Record<FaultName, Fault>;
