import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { ArtifactView } from '@pulser/contracts';
import { z } from 'zod';

import { Documented } from '../docs/documented.js';
import { taskIdParameter } from '../tasks/task-id-parameter.js';

const headers = {
  ETag: 'Hash of the content, for If-None-Match',
  'Content-Disposition': '`inline` for PNG and SVG, `attachment` for everything else',
};

/** What the API's documentation says of each route. */
export const documentedArtifacts = {
  list: applyDecorators(
    taskIdParameter,
    Documented({
      id: 'listArtifacts',
      summary: 'List the files that a task made',
      answers: [{ status: 200, description: 'Its files, by name', schema: z.array(ArtifactView) }],
      problems: ['not_found'],
    }),
  ),
  content: applyDecorators(
    taskIdParameter,
    Documented({
      id: 'getArtifact',
      summary: 'Get a file that a task made',
      answers: [
        { status: 200, description: 'Its bytes, as the media type of the file', headers, content: { '*/*': {} } },
        { status: 304, description: 'The client has it already' },
      ],
      problems: ['not_found'],
    }),
    ApiHeader({ name: 'If-None-Match', description: 'ETag of what the client has', required: false }),
  ),
};
