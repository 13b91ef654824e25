import { runCommand } from '../../deploy/local/run-command.mjs';
import { fromExports } from '../../deploy/local/services/answers.mjs';
import { needServices, selectedSpecs } from './selected-specs.mjs';

/** Starts PostgreSQL and RabbitMQ and tells every worker where they are, unless only pure specs were selected. */
export default async function startServices(globalConfig) {
  if (!needServices(selectedSpecs(globalConfig))) return;
  const script = new URL('../../deploy/local/services.mjs', import.meta.url).pathname;
  const { code, stdout } = await runCommand(process.execPath, [script, 'up'], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (code !== 0)
    throw new Error('PostgreSQL and RabbitMQ are not available (see above); *.policy.spec.ts run without');
  Object.assign(process.env, fromExports(stdout));
}
