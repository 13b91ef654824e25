import { join } from 'node:path';
import { bothAnswer } from './addresses.mjs';
import { buildSuite, startDebianServices, startInstance, whyUnfit } from './debian-services.mjs';
import { dockerSite, startDockerInstance } from './docker-instance.mjs';
import { dockerAnswers, startDockerServices } from './docker-services.mjs';
import { withLock } from '../lock.mjs';
import { instanceName, isInstance } from './site-name.policy.mjs';
import { servicesFolder } from './state.mjs';
import { fallbackSuite } from './suites.mjs';

const lockFile = join(servicesFolder, 'lock');

/** An instance is locked apart: who breaks its servers keeps nobody waiting. */
export const lockOf = (siteName) =>
  siteName !== undefined && isInstance(siteName) ? `${lockFile}-${siteName}` : lockFile;

/**
 * Makes sure PostgreSQL and RabbitMQ answer and resolves with their addresses. First match wins: the addresses given,
 * a Docker engine, Debian as root. Throws ServicesUnavailable when this machine has none of them.
 */
export async function up({ given, suite, instance, onDisk }) {
  if (given !== undefined) return checked(given);
  if (instance !== undefined) return upInstance(suite, instance, onDisk);
  return withLock(lockFile, async () => {
    if (suite === undefined && (await dockerAnswers())) return startDockerServices();
    return startDebianServices(suite);
  });
}

/** Servers beside the usual ones, of the same programs: a copy of a Debian root or, elsewhere, containers. */
async function upInstance(suite, instance, onDisk) {
  if ((await whyUnfit()) !== undefined && suite !== fallbackSuite && (await dockerAnswers())) {
    return withLock(lockOf(dockerSite(instance)), () => startDockerInstance(instance));
  }
  const built = await withLock(lockFile, () => buildSuite(suite));
  const name = instanceName(built, instance);
  return withLock(lockOf(name), () => startInstance(name, onDisk));
}

async function checked(given) {
  if (await bothAnswer(given)) return given;
  throw new Error('DATABASE_URL and AMQP_URL are set, but not both servers answer: start them, or unset both');
}
