import { applyDecorators } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { KeyList, KeyView, NewKey } from '@pulser/contracts';

import { Documented } from '../docs/documented.js';

const keyId = ApiParam({ name: 'id', description: 'Id of the key', schema: { type: 'string', format: 'uuid' } });

const badBody = ['invalid_request', 'invalid_json', 'payload_too_large', 'unsupported_media_type'] as const;

const made = { status: 201, description: 'The key, which nobody can show again', schema: NewKey };

/** What the API's documentation says of each route. */
export const documentedKeys = {
  list: Documented({
    id: 'listKeys',
    summary: 'List the API keys of the tenant, newest first',
    description: 'Without those that ended more than 30 days ago.',
    answers: [{ status: 200, description: 'All keys', schema: KeyList }],
  }),
  create: Documented({
    id: 'createKey',
    summary: 'Make an API key',
    description: 'It may not more than whoever makes it.',
    answers: [made],
    problems: badBody,
  }),
  rotate: applyDecorators(
    keyId,
    Documented({
      id: 'rotateKey',
      summary: 'Replace an API key by a new one for the same',
      description: 'Both are valid until the overlap is over; then the old one ends.',
      answers: [made],
      problems: [...badBody, 'not_found', 'conflict'],
    }),
  ),
  revoke: applyDecorators(
    keyId,
    Documented({
      id: 'revokeKey',
      summary: 'Revoke an API key',
      description: 'Refused everywhere within a second. The last key of an administrator stays.',
      answers: [{ status: 200, description: 'The key, which is worth nothing any more', schema: KeyView }],
      problems: ['not_found', 'conflict'],
    }),
  ),
};
