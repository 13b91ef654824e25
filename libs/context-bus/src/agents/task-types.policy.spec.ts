import type { OperationDescription, TaskTypeDescription } from '@pulser/contracts';

import type { AdmittedTaskType, RegisteredAgent } from './agents.js';
import { taskTypeTable } from './task-types.js';

const at = (second: number): Date => new Date(second * 1_000);

const operation = (task_type: string, name: string): OperationDescription => ({
  task_type,
  operation: name,
  summary: '',
  input_schema: {},
  example: { operation: name },
});

/** A version of an agent that serves `greetings` with these operations, and was seen last first in a list of versions. */
const version = (
  name: string,
  change: Partial<Omit<RegisteredAgent, 'registration'>> & {
    readonly operations?: readonly string[];
    readonly described?: Partial<TaskTypeDescription>;
  } = {},
): RegisteredAgent => {
  const { operations = ['greet'], described, ...seen } = change;
  return {
    name,
    version: '1',
    registeredAt: at(0),
    lastSeenAt: at(9),
    isLive: true,
    ...seen,
    registration: {
      agent: name,
      version: seen.version ?? '1',
      task_types: [{ task_type: 'greetings', ...described }],
      operations: operations.map((one) => operation('greetings', one)),
    },
  };
};

const owned = (agent: string, taskType = 'greetings'): AdmittedTaskType => ({ taskType, agent, isOwner: true });
const backedUp = (agent: string, taskType = 'greetings'): AdmittedTaskType => ({ taskType, agent, isOwner: false });

const served = (agents: readonly RegisteredAgent[], admitted: readonly AdmittedTaskType[] = [owned('greeter')]) =>
  taskTypeTable(agents, admitted).get('greetings');

const operationsIn = (agents: readonly RegisteredAgent[]): string[] => [...(served(agents)?.operations.keys() ?? [])];

describe('the table of task types', () => {
  it('serves what its owner has registered, with the usual limits unless it says otherwise', () => {
    expect(served([version('greeter')])).toMatchObject({ agent: 'greeter', maxAttempts: 4, timeLimitMs: 300_000 });
    const described = { max_attempts: 2, time_limit_ms: 5_000 };
    expect(served([version('greeter', { described })])).toMatchObject({ maxAttempts: 2, timeLimitMs: 5_000 });
  });

  it.each<[string, RegisteredAgent[], AdmittedTaskType[]]>([
    ['that nobody was admitted for', [version('greeter')], []],
    ['whose owner has not registered', [], [owned('greeter')]],
    ['whose owner has registered others only', [version('greeter')], [owned('greeter', 'farewells')]],
    ['that only a back-up has registered', [version('other')], [owned('greeter'), backedUp('other')]],
  ])('does not serve a type %s', (_case, agents, admitted) => {
    expect(taskTypeTable(agents, admitted).size).toBe(0);
  });

  it('accepts what any version accepts that lives', () => {
    const older = version('greeter', { version: '1', registeredAt: at(1), operations: ['greet', 'wave'] });
    const newer = version('greeter', { version: '2', registeredAt: at(2), operations: ['greet', 'bow'] });
    expect(operationsIn([older, newer]).sort()).toEqual(['bow', 'greet', 'wave']);
    expect(served([older, newer])?.operations.get('greet')).toHaveLength(2);
  });

  it.each(['the older', 'the newer'])(
    'takes limits of the version that registered last, whether %s beat last',
    (last) => {
      const older = version('greeter', { registeredAt: at(1), described: { time_limit_ms: 1_000 } });
      const newer = version('greeter', { version: '2', registeredAt: at(2), described: { time_limit_ms: 2_000 } });
      const seen = last === 'the older' ? [older, newer] : [newer, older];
      expect(served(seen)?.timeLimitMs).toBe(2_000);
    },
  );

  it('takes the word of the older version alone when only that lives', () => {
    const older = version('greeter', { operations: ['wave'] });
    const gone = version('greeter', { version: '2', registeredAt: at(2), isLive: false, operations: ['bow'] });
    expect(operationsIn([older, gone])).toEqual(['wave']);
  });

  it('takes the word of the version that was seen last when none lives', () => {
    const last = version('greeter', { version: '1', isLive: false, lastSeenAt: at(9), operations: ['wave'] });
    const before = version('greeter', { version: '2', isLive: false, lastSeenAt: at(8), operations: ['bow'] });
    expect(operationsIn([last, before])).toEqual(['wave']);
  });

  it('asks back-ups in the order of the owner, and only those that can run the type', () => {
    const described = { backups: ['greeter', 'none', 'second', 'first'] };
    const agents = [version('greeter', { described }), version('first'), version('second')];
    expect(served(agents)?.backups).toEqual(['second', 'first']);
  });
});
