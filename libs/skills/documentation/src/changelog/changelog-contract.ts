// Input, example and result of the operation `changelog`.
import { z } from 'zod';

import { categories } from './releases.policy.js';

const Day = z.iso.date();

const GivenCommit = z.strictObject({
  message: z.string().min(1).max(100_000),
  hash: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/)
    .optional(),
  author: z.string().max(200).optional(),
  date: Day.optional(),
  tags: z.array(z.string().max(200)).max(20).default([]),
});

export const ChangelogInput = z
  .strictObject({
    operation: z.literal('changelog'),
    commits: z
      .union([z.string().min(1).max(20_000_000), z.array(GivenCommit).min(1).max(50_000)])
      .optional()
      .meta({
        description:
          'Newest first: what `git log --decorate` or `git log --oneline` prints, a message a line, or a list. Either this or `bundle`',
      }),
    bundle: z
      .union([
        z.strictObject({
          reference: z
            .string()
            .regex(/^(?:artifact|upload):/)
            .max(500),
        }),
        z.strictObject({ content_base64: z.base64().min(1) }),
      ])
      .optional()
      .meta({ description: 'What `git bundle create <file> --all` writes: uploaded, an artifact, or as base64' }),
    branch: z
      .string()
      .min(1)
      .max(300)
      .optional()
      .meta({ description: 'Of the bundle; without, its HEAD, main or master' }),
    project: z.string().trim().min(1).max(200).optional(),
    current_version: z
      .string()
      .max(100)
      .optional()
      .meta({ description: 'The released version; without, the highest one that a tag names' }),
    date: Day.optional().meta({ description: 'Day of the next release; without, its changes are under Unreleased' }),
    releases: z.enum(['all', 'unreleased']).default('all').meta({ description: 'Which of them the text has' }),
  })
  .refine(({ commits, bundle }) => (commits === undefined) !== (bundle === undefined), {
    message: 'Give either commits or a bundle',
    path: ['commits'],
  });
export type ChangelogInput = z.infer<typeof ChangelogInput>;

export const changelogExample: z.input<typeof ChangelogInput> = {
  operation: 'changelog',
  project: 'greeter',
  current_version: '1.4.2',
  commits: ['feat(api): greet in French', 'fix: names with an apostrophe', 'feat!: names are required', 'Tidy up'].join(
    '\n',
  ),
};

const Listed = z.strictObject({ hash: z.string().nullable(), subject: z.string(), version: z.string().nullable() });

export const ChangelogResult = z.strictObject({
  current_version: z.string().nullable(),
  next_version: z
    .string()
    .nullable()
    .meta({ description: 'null: no release is needed, or the current version is none' }),
  release: z.enum(['major', 'minor', 'patch', 'none']),
  text: z
    .string()
    .nullable()
    .meta({ description: 'The text of CHANGELOG.md; null when it has more than 100,000 characters' }),
  commits: z.number().int(),
  releases: z
    .array(
      z.strictObject({
        version: z.string().nullable().meta({ description: 'null: not released yet' }),
        date: z.string().nullable(),
        commits: z.number().int(),
        notable: z.partialRecord(z.enum(categories), z.number().int()),
        breaking: z.number().int(),
        internal: z
          .number()
          .int()
          .meta({ description: 'Conventional, of types that users need not know of, such as docs' }),
        not_conventional: z.number().int(),
        merges: z.number().int(),
        reverted: z
          .number()
          .int()
          .meta({ description: 'Commits taken back within the release, with those that did it' }),
        reverts: z.number().int().meta({ description: 'Commits that take back something of an earlier release' }),
      }),
    )
    .meta({ description: 'Newest first, at most 200; the counts of one add up to its commits' }),
  not_conventional: z.array(Listed).meta({ description: 'At most 500; they are in the text, too' }),
  reverted: z.array(z.strictObject({ commit: Listed, by: Listed })).meta({ description: 'At most 200' }),
  internal_by_type: z.record(z.string(), z.number().int()),
  notes: z.array(z.string()).meta({ description: 'What is not certain, and why' }),
});
export type ChangelogResult = z.infer<typeof ChangelogResult>;
