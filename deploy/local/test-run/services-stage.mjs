import { say } from '../progress.mjs';
import { toEnvironment } from '../services/answers.mjs';
import { requestOf, up } from '../services/lifecycle.mjs';
import { ServicesUnavailable } from '../services/debian.mjs';

/**
 * Starts PostgreSQL and RabbitMQ. A machine that cannot have them may still run the pure specs, but not in CI, where
 * skipping would go unnoticed.
 */
export async function startServices() {
  process.stdout.write('=== services\n');
  const startedAt = Date.now();
  const stage = (outcome) => ({ name: 'services', seconds: (Date.now() - startedAt) / 1000, outcome });
  try {
    const addresses = await up(requestOf({}));
    return { stage: stage('ok'), environment: toEnvironment(addresses) };
  } catch (error) {
    say(error.message);
    const allowed = error instanceof ServicesUnavailable && process.env.CI !== 'true';
    return { stage: stage(allowed ? 'skipped' : 'FAILED'), missing: error.message };
  }
}
