// Arguments and fields of answers that several tools have.
import { z } from 'zod';

/** RFC 1123 label, as most names in a cluster; names of pods and others may have dots. */
export const ObjectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'no name of an object');
const LabelName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'no name of a namespace');

export const NamespaceName = LabelName;
/** A label of DNS, as names of services and containers. */
export const ShortName = LabelName;

export const namespaceField = {
  namespace: NamespaceName.optional().describe('by default that of the configuration'),
};

export const inNamespaces = {
  ...namespaceField,
  all_namespaces: z.boolean().default(false).describe('instead of one namespace'),
};

const selector = z.string().max(1_000).optional();
export const labelSelector = { label_selector: selector.describe('such as app=web,tier!=cache') };

export const pageOf = (max: number) => ({
  limit: z.int().min(1).max(max).default(100).describe('items of a page'),
  continue: z.string().max(4_096).optional().describe('from the answer of the page before'),
});

/** What an answer with a page says besides its items. */
export const pageFields = {
  truncated: z.boolean().describe('there are more: ask again with continue'),
  continue: z.string().optional(),
  remaining: z.int().optional().describe('items after this page, where the API server knows'),
};

interface ListMeta {
  readonly _continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

/** The fields of a page from the metadata of a list. */
export const pageIn = ({ _continue, remainingItemCount }: ListMeta = {}) => ({
  truncated: Boolean(_continue),
  ...(_continue && { continue: _continue }),
  ...(_continue && remainingItemCount !== undefined && { remaining: remainingItemCount }),
});

/** The names that the generated clients give to the arguments of a page. */
export const listQuery = (args: {
  readonly limit: number;
  readonly continue?: string | undefined;
  readonly label_selector?: string | undefined;
  readonly field_selector?: string | undefined;
}) => ({
  limit: args.limit,
  ...(args.continue !== undefined && { _continue: args.continue }),
  ...(args.label_selector !== undefined && { labelSelector: args.label_selector }),
  ...(args.field_selector !== undefined && { fieldSelector: args.field_selector }),
});

export const Labels = z.record(z.string().min(1).max(317), z.string().max(63));

export const Time = z.string().describe('ISO 8601');
export const timeOf = (date: Date | string | undefined): string | undefined =>
  date === undefined ? undefined : new Date(date).toISOString();
