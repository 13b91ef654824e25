// What a request must look like before its handler runs: head, body, fields.
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HttpError, isForbiddenName, bodyRefusals, readJson, fieldProblems } from '@pulser/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

/** Maximum length of a URL, in characters. */
export const maxUrlLength = 4_096;

/** The part of a request that is checked first. */
export interface RequestHead {
  readonly url: string;
  readonly query: unknown;
  /** Names and values alternate, as in Node; its headers object cannot hold names such as `__proto__`. */
  readonly rawHeaders: readonly string[];
}

const forbidden = (what: string): HttpError => new HttpError('forbidden_key', { detail: `A ${what} has its name` });

/** Why a request is refused for its URL or its headers, or undefined. */
export const headRefusal = ({ url, query, rawHeaders }: RequestHead): HttpError | undefined => {
  if (url.length > maxUrlLength) return new HttpError('uri_too_long', { detail: `At most ${maxUrlLength} characters` });
  if (rawHeaders.some((name, n) => n % 2 === 0 && isForbiddenName(name))) return forbidden('header');
  return Object.keys(Object(query) as object).some(isForbiddenName) ? forbidden('query parameter') : undefined;
};

/** Refuses requests for their URL or headers, before any other hook. */
export const checkHeads = (server: FastifyInstance): void => {
  server.addHook('onRequest', (request, _reply, done) => {
    done(headRefusal({ url: request.url, query: request.query, rawHeaders: request.raw.rawHeaders }));
  });
};

/** @throws HttpError when the body is not acceptable JSON */
const parse = (body: Buffer): unknown => {
  const reading = readJson(body);
  if (reading.kind === 'read') return reading.value;
  throw new HttpError(bodyRefusals[reading.why].http, { detail: reading.detail });
};

/**
 * Accepts JSON bodies only, with the same checks as messages. Fastify refuses other media types before it reads them, and
 * bodies beyond the route's limit. Needs an app made with `bodyParser: false`, because Nest adds parsers of its own.
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

/** Nest's pipe silently deletes fields named `constructor` or `prototype`; here the schemas refuse dangerous ones. */
class ValidationPipe extends StandardSchemaValidationPipe {
  protected override stripProtoKeys(): void {
    // A field is kept or refused, never dropped.
  }
}

/** Validates by the Zod schemas of `@Body({ schema })`, `@Query({ schema })` and `@Param(name, { schema })`. */
export const validationPipe = (): StandardSchemaValidationPipe =>
  new ValidationPipe({
    exceptionFactory: (issues) =>
      new HttpError('invalid_request', {
        // These are Zod's issues; the Standard Schema interface declares only some of their fields.
        errors: fieldProblems(new z.ZodError(issues as z.core.$ZodIssue[])),
      }),
  });

/** Marks a controller or route that needs no key. A guard reads it with `reflector.getAllAndOverride(Public, [...])`. */
export const Public = Reflector.createDecorator<true | undefined, true>({ transform: () => true });
