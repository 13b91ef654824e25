import { runScript } from './run-script.js';

export type BrokerAction = 'start' | 'stop' | 'kill' | 'wipe';
export type PostgresAction = 'start' | 'stop' | 'kill' | 'fill' | 'free';

const addressIn = (exports: string, variable: string): string => {
  const found = new RegExp(`^export ${variable}='?([^'\n]*)'?$`, 'm').exec(exports)?.[1];
  if (found === undefined) throw new Error(`services.mjs did not print ${variable}`);
  return found;
};

/** A PostgreSQL and a RabbitMQ of our own. */
export class Servers {
  private constructor(
    private readonly options: readonly string[],
    readonly databaseUrl: string,
    readonly amqpUrl: string,
  ) {}

  /**
   * @param disk where the database is: in `memory` it can be filled up, on `disk` an fsync costs what it costs
   * @throws Unavailable when this machine cannot have an instance of its own
   */
  static async up(suite: string, instance: string, disk: 'memory' | 'disk' = 'memory'): Promise<Servers> {
    const options = ['--suite', suite, '--instance', instance];
    const exports = await runScript('services.mjs', ['up', ...options, ...(disk === 'disk' ? ['--on-disk'] : [])]);
    return new Servers(options, addressIn(exports, 'DATABASE_URL'), addressIn(exports, 'AMQP_URL'));
  }

  async broker(action: BrokerAction): Promise<void> {
    await runScript('services.mjs', ['broker', action, ...this.options]);
  }

  /** @returns what rabbitmqctl printed */
  rabbitmqctl(...command: string[]): Promise<string> {
    return runScript('services.mjs', [...this.options, 'broker', 'ctl', '--', ...command]);
  }

  async postgres(action: PostgresAction): Promise<void> {
    await runScript('services.mjs', ['postgres', action, ...this.options]);
  }

  /** Stops and deletes them. */
  async down(): Promise<void> {
    await runScript('services.mjs', ['down', ...this.options]);
  }
}
