// Images that are on the engine.
import { defineTool } from '@pulser/mcp-server-kit';
import type { ImageInfo, ImageRemoveInfo } from 'dockerode';
import { z } from 'zod';

import { pageAnswer, pageFields, pageOf, Time, timeOf } from '../arguments.js';
import { withEngine } from '../engine.js';

const Image = z.object({
  id: z.string(),
  tags: z.array(z.string()),
  digests: z.array(z.string()),
  size_bytes: z.int(),
  created_at: Time,
});

// An image without a name has null, or in older engines one entry of this kind.
const named = (names: readonly string[] | null | undefined): string[] =>
  (names ?? []).filter((name) => !name.startsWith('<none>'));

const viewOf = ({ Id, RepoTags, RepoDigests, Size, Created }: ImageInfo): z.input<typeof Image> => ({
  id: Id,
  tags: named(RepoTags),
  digests: named(RepoDigests),
  size_bytes: Size,
  created_at: timeOf(Created),
});

export const imageList = defineTool({
  name: 'image_list',
  title: 'List images',
  description: 'Lists the images on the engine with tags, digests and size, newest first.',
  flag: 'read',
  input: z.object({
    name: z.string().min(1).max(300).optional().describe('repository, with * as a wildcard, such as acme/*'),
    untagged: z.boolean().default(false).describe('only those without a name'),
    ...pageFields,
  }),
  output: z.object({ images: z.array(Image), ...pageAnswer }),
  examples: [{ arguments: {} }, { arguments: { name: 'alpine' } }],
  run: ({ name, untagged, ...args }, call) =>
    withEngine(call, async (engine) => {
      const filters = { ...(name !== undefined && { reference: [name] }), ...(untagged && { dangling: ['true'] }) };
      const found = await engine.listImages({ filters, digests: true });
      const sorted = found.toSorted((a, b) => b.Created - a.Created || a.Id.localeCompare(b.Id));
      const { page, ...rest } = pageOf(sorted.map(viewOf), args);
      return { images: page, ...rest };
    }),
});

// A name or an id; an engine takes both in the path.
const AnyImage = z
  .string()
  .max(400)
  .regex(/^(?!.*\.\.)[a-zA-Z0-9][a-zA-Z0-9_.:@/-]*$/, 'no name or id of an image');

export const imageRemove = defineTool({
  name: 'image_remove',
  title: 'Remove an image',
  description:
    'Removes a tag, and the image when it was its last one. An image that a container uses is a conflict, unless force takes the tag away.',
  flag: 'destructive',
  input: z.object({
    image: AnyImage.describe('name or id'),
    force: z.boolean().default(false),
    keep_parents: z.boolean().default(false).describe('untagged images that it was made from'),
  }),
  output: z.object({ untagged: z.array(z.string()), deleted: z.array(z.string()) }),
  examples: [{ arguments: { image: 'acme/shop:1.3' } }],
  run: ({ image, force, keep_parents }, call) =>
    withEngine(call, async (engine) => {
      const removed = (await engine
        .getImage(image)
        .remove({ force, noprune: keep_parents })) as Partial<ImageRemoveInfo>[];
      return {
        untagged: removed.flatMap(({ Untagged }) => Untagged ?? []),
        deleted: removed.flatMap(({ Deleted }) => Deleted ?? []),
      };
    }),
});
