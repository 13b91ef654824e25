import { join } from 'node:path';
import { bothAnswer } from './addresses.mjs';
import { startDebianServices } from './debian-services.mjs';
import { dockerAnswers, startDockerServices } from './docker-services.mjs';
import { withLock } from '../lock.mjs';
import { servicesFolder } from './state.mjs';

export const lockFile = join(servicesFolder, 'lock');

/**
 * Makes sure PostgreSQL and RabbitMQ answer and resolves with their addresses. First match wins: the addresses given,
 * a Docker engine, Debian as root. Throws ServicesUnavailable when this machine has none of them.
 */
export async function up({ given, suite }) {
  if (given !== undefined) return checked(given);
  return withLock(lockFile, async () => {
    if (suite === undefined && (await dockerAnswers())) return startDockerServices();
    return startDebianServices(suite);
  });
}

async function checked(given) {
  if (await bothAnswer(given)) return given;
  throw new Error('DATABASE_URL and AMQP_URL are set, but not both servers answer: start them, or unset both');
}
