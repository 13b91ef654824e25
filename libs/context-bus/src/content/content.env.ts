import { z } from 'zod';

import { storeKinds } from './pieces.js';

const gigabyte = 1_073_741_824;

/** Settings of services that keep or read large files. All services of an installation must have the same. */
export const contentEnv = {
  CONTENT_STORE: z
    .enum(storeKinds)
    .default('database')
    .describe(
      'Where datasets, uploads and large artifacts are kept: database is PostgreSQL, s3 is any store with the S3 API, files is a folder that all services share',
    ),
  CONTENT_DIR: z.string().optional().describe('Folder of CONTENT_STORE files; required with it'),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Server and bucket of CONTENT_STORE s3: https://host/bucket. What was kept there is read as long as it is set',
    ),
  S3_REGION: z.string().default('us-east-1').describe('Region that requests to S3_ENDPOINT are signed for'),
  S3_ACCESS_KEY_ID: z.string().optional().describe('Key of S3_ENDPOINT; required with it'),
  S3_SECRET_ACCESS_KEY: z.string().optional().describe('Secret of S3_ACCESS_KEY_ID; required with S3_ENDPOINT'),
  CONTENT_QUOTA_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(20 * gigabyte)
    .describe(
      'Bytes of datasets, uploads and large artifacts that a tenant may keep, unless the tenant has a quota of its own',
    ),
};

export type ContentSettings = Readonly<z.output<z.ZodObject<typeof contentEnv>>>;
