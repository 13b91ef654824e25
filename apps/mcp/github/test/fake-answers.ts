// What the answers of the fake GitHub have in common.
import type { Json, VendorAnswer, VendorRequest } from '@pulser/testing/vendor-api';

export type Fields = Record<string, Json | undefined>;

export type Operations = Readonly<Record<string, (request: VendorRequest) => VendorAnswer>>;

export const token = 'ghp_0123456789abcdef';
export const repository = 'acme/rockets';

export const notFound: VendorAnswer = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' },
};

export const user = (login: string): Fields => ({ login });
