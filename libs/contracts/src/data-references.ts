// How data is named in the input of a task: `dataset:sales`, `dataset:sales@3`, `artifact:<task id>/rows.csv`, `upload:<sha256>`.

export type DataReference =
  | { readonly kind: 'dataset'; readonly name: string; readonly version?: number }
  | { readonly kind: 'artifact'; readonly taskId: string; readonly name: string }
  | { readonly kind: 'upload'; readonly sha256: string };

/** Names of datasets: also the check of the table. */
export const datasetName = /^[a-z0-9][a-z0-9_.-]{0,99}$/;

const version = /^[1-9][0-9]{0,8}$/;
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const sha256 = /^[\da-f]{64}$/;

/** Longer than any name of an artifact. */
const maxLength = 400;

const datasetOf = (rest: string): DataReference | undefined => {
  const at = rest.lastIndexOf('@');
  const name = at === -1 ? rest : rest.slice(0, at);
  if (!datasetName.test(name)) return undefined;
  if (at === -1) return { kind: 'dataset', name };
  const number = rest.slice(at + 1);
  return version.test(number) ? { kind: 'dataset', name, version: Number(number) } : undefined;
};

const artifactOf = (rest: string): DataReference | undefined => {
  const slash = rest.indexOf('/');
  const [taskId, name] = [rest.slice(0, slash), rest.slice(slash + 1)];
  if (slash === -1 || !uuid.test(taskId) || name === '' || name.includes('\0')) return undefined;
  return { kind: 'artifact', taskId: taskId.toLowerCase(), name };
};

/** What a text names; undefined when it is no reference. */
export const parseReference = (text: string): DataReference | undefined => {
  if (text.length > maxLength) return undefined;
  const colon = text.indexOf(':');
  const [kind, rest] = [text.slice(0, colon), text.slice(colon + 1)];
  if (kind === 'dataset') return datasetOf(rest);
  if (kind === 'artifact') return artifactOf(rest);
  return kind === 'upload' && sha256.test(rest) ? { kind, sha256: rest } : undefined;
};

/** Media type of the content of a version: https://www.iana.org/assignments/media-types/application/vnd.apache.parquet */
export const parquetMediaType = 'application/vnd.apache.parquet';

/** A dataset with its version, as a reference. */
export const datasetReference = (name: string, number: number): string => `dataset:${name}@${number}`;
