import { databaseEnv } from '@pulser/database';
import { Env } from '@pulser/service-kit';
import { z } from 'zod';

const password = z.string().min(8).optional();

/** Configuration of the command line. DATABASE_URL is the administrator's here. */
export class CliEnv extends Env({
  ...databaseEnv,
  PULSER_APP_PASSWORD: password.describe('Password that `migrate` gives the login pulser_app'),
  PULSER_SERVICE_PASSWORD: password.describe('Password that `migrate` gives the login pulser_service'),
}) {}
