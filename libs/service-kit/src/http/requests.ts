import { StandardSchemaValidationPipe } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HttpError, isForbiddenName, bodyRefusals, readJson, fieldProblems } from '@pulser/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

/** Longest URL, in characters. */
export const maxUrlLength = 4_096;

/** What is looked at before a request gets any further. */
export interface RequestHead {
  readonly url: string;
  readonly query: unknown;
  /** Names and values in turn, as Node keeps them: its object of headers cannot hold every name. */
  readonly rawHeaders: readonly string[];
}

const forbidden = (what: string): HttpError => new HttpError('forbidden_key', { detail: `A ${what} has its name` });

/** Why a request is refused for its URL or its headers, or undefined. */
export const headRefusal = ({ url, query, rawHeaders }: RequestHead): HttpError | undefined => {
  if (url.length > maxUrlLength) return new HttpError('uri_too_long', { detail: `At most ${maxUrlLength} characters` });
  if (rawHeaders.some((name, n) => n % 2 === 0 && isForbiddenName(name))) return forbidden('header');
  return Object.keys(Object(query) as object).some(isForbiddenName) ? forbidden('query parameter') : undefined;
};

/** Refuses requests for their URL or their headers before anything else looks at them. */
export const checkHeads = (server: FastifyInstance): void => {
  server.addHook('onRequest', (request, _reply, done) => {
    done(headRefusal({ url: request.url, query: request.query, rawHeaders: request.raw.rawHeaders }));
  });
};

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

/** Nest's own would silently delete every field called `constructor` or `prototype`; the schemas refuse what is dangerous. */
class ValidationPipe extends StandardSchemaValidationPipe {
  protected override stripProtoKeys(): void {
    // Nothing is dropped: what a client sends is kept or refused.
  }
}

/** Checks what `@Body({ schema })`, `@Query({ schema })` and `@Param(name, { schema })` declare. All schemas are Zod's. */
export const validationPipe = (): StandardSchemaValidationPipe =>
  new ValidationPipe({
    exceptionFactory: (issues) =>
      new HttpError('invalid_request', {
        // Zod hands its own issues to the Standard Schema interface, which declares less of them.
        errors: fieldProblems(new z.ZodError(issues as z.core.$ZodIssue[])),
      }),
  });

/** Marks a controller or route that needs no key. A guard asks with `reflector.getAllAndOverride(Public, [...])`. */
export const Public = Reflector.createDecorator<true | undefined, true>({ transform: () => true });
