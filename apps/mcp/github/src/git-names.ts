// Names of git as arguments. None may be `.` or `..` anywhere: they would lead an address elsewhere.
import { z } from 'zod';

const withoutDots = (text: string): boolean =>
  !text.split('/').some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock'));
// git-check-ref-format(1)
const refCharacters = /^[^\s~^:?*[\\\p{Cc}]+$/u;

const isRef = (text: string): boolean =>
  refCharacters.test(text) &&
  withoutDots(text) &&
  !text.includes('..') &&
  !text.includes('@{') &&
  !/^[-]|[.]$/.test(text);

export const Ref = z
  .string()
  .min(1)
  .max(250)
  .refine(isRef, 'is no branch, tag or commit')
  .describe('Branch, tag or commit');

export const Branch = z
  .string()
  .min(1)
  .max(250)
  .refine((text) => isRef(text) && !text.startsWith('refs/'), 'is no name of a branch')
  .describe('Name of a branch, without refs/heads/');

export const Sha = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/, 'is no id of a commit');

const isPath = (text: string): boolean =>
  !text.includes('\0') &&
  !text.split('/').some((part) => ['', '.', '..'].includes(part) || part.toLowerCase() === '.git');

export const Path = z
  .string()
  .min(1)
  .max(1_000)
  .refine(isPath, 'is no path inside the repository')
  .describe('Path inside the repository, without a slash at its start');
