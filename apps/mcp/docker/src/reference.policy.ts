// Names of images, whole: https://github.com/distribution/reference/blob/main/reference.go has the grammar.
import { z } from 'zod';

/** An image by its name: registry and repository, with a tag or a digest. */
export interface Reference {
  /** With registry, such as `docker.io/library/alpine`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const registry = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]{1,5})?)';
const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const digest = 'sha256:[0-9a-f]{64}';
const pattern = new RegExp(`^(?:(${registry})/)?(${component}(?:/${component})*)(?::(${tag}))?(?:@(${digest}))?$`);

const maxLength = 255;
const hub = 'docker.io';

// `acme/shop` lies at the hub; `acme.io/shop`, `localhost/shop` and `acme:5000/shop` do not.
const isRegistry = (text: string): boolean => /[.:]/.test(text) || text === 'localhost' || text !== text.toLowerCase();

const wholeRepository = (first: string | undefined, rest: string): string => {
  if (first === undefined) return `${hub}/${rest.includes('/') ? rest : `library/${rest}`}`;
  if (!isRegistry(first)) return `${hub}/${first}/${rest}`;
  return first === hub && !rest.includes('/') ? `${hub}/library/${rest}` : `${first}/${rest}`;
};

// An engine takes it for the id of an image.
const isId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** The parts of a name; undefined when it is none. */
export const referenceOf = (text: string): Reference | undefined => {
  const match = text.length > maxLength + 80 || isId(text) ? null : pattern.exec(text);
  if (match === null) return undefined;
  const [, first, rest = '', tagged, digested] = match;
  const repository = wholeRepository(first, rest);
  if (repository.length > maxLength) return undefined;
  return { repository, ...(tagged && { tag: tagged }), ...(digested && { digest: digested }) };
};

/** The name as an engine takes it for this image and no other; without tag and digest it is `latest`. */
export const nameOf = ({ repository, tag: tagged, digest: digested }: Reference): string =>
  digested === undefined ? `${repository}:${tagged ?? 'latest'}` : `${repository}@${digested}`;

/** An image by name, as an argument. */
export const ImageName = z.string().transform((text, context): Reference => {
  const reference = referenceOf(text);
  if (reference !== undefined) return reference;
  context.addIssue({
    code: 'custom',
    message: 'no name of an image, such as alpine:3.22 or ghcr.io/acme/shop@sha256:…',
  });
  return z.NEVER;
});
