import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { bodyRefusals, HttpError, readJson } from '@pulser/contracts';

/** @throws HttpError when it is not a JSON document that may be looked into */
const parse = (body: Buffer): unknown => {
  const reading = readJson(body);
  if (reading.kind === 'read') return reading.value;
  throw new HttpError(bodyRefusals[reading.why].http, { detail: reading.detail });
};

/**
 * Bodies are JSON and nothing else, read by the check that messages get too; Fastify refuses other media types before it
 * reads them, and what is longer than the route's limit. Needs an app made with `bodyParser: false`: Nest brings others.
 */
export const readBodies = (app: NestFastifyApplication): void => {
  app.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  app.useBodyParser('application/json', {}, (_request, body, done) => {
    try {
      done(null, parse(body));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
};
