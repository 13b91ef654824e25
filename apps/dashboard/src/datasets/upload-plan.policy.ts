// What the name of a file says of the dataset that it becomes, and in which parts it is sent.

/** What `PUT` and `POST /api/v1/datasets/<name>` take as a name. */
const datasetName = /^[a-z0-9][a-z0-9_.-]{0,99}$/;

export const isDatasetName = (name: string): boolean => datasetName.test(name);

/** What is wrong with the name of a dataset. */
export const nameFault = (name: string): string | undefined =>
  isDatasetName(name)
    ? undefined
    : 'Small letters, digits, _, . and -, up to 100 of them, the first one a letter or a digit';

export const dataFormats = ['csv', 'json', 'ndjson', 'parquet', 'xlsx'] as const;
export type DataFormat = (typeof dataFormats)[number];

const endings: Readonly<Record<string, DataFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  parquet: 'parquet',
  xlsx: 'xlsx',
};

const packed = /\.(?:gz|gzip|zip)$/i;

/** What a field for files accepts. */
export const acceptedFiles = [...Object.keys(endings), 'gz', 'gzip', 'zip'].map((ending) => `.${ending}`);

/** Whether the ending says that a task can read it: of a packed file only what is inside says it. */
export const isReadable = (fileName: string): boolean => formatOf(fileName) !== undefined || packed.test(fileName);

/** The format that the ending of a file's name says, also of what is inside a packed one; undefined when it says none. */
export const formatOf = (fileName: string): DataFormat | undefined => {
  const [, ending = ''] = /\.([a-z0-9]+)$/.exec(fileName.toLowerCase().replace(packed, '')) ?? [];
  return Object.hasOwn(endings, ending) ? endings[ending] : undefined;
};

const marks = /[\u0300-\u036F]/g;

/** A name for the dataset that a file becomes: its own without ending, in letters that names of datasets have; '' when none is left. */
export const datasetNameOf = (fileName: string): string => {
  const plain = fileName.normalize('NFKD').replaceAll(marks, '').toLowerCase().replace(packed, '');
  const stem = formatOf(plain) === undefined ? plain : plain.replace(/\.[a-z0-9]+$/, '');
  return stem
    .replaceAll(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .replace(/[^a-z0-9]+$/, '')
    .slice(0, 100);
};

export const minPartBytes = 1 << 20;
export const maxPartBytes = 32 << 20;

/** Milliseconds that a part shall take: progress is seen that often, and no more than that is sent again. */
const partMs = 1_000;

/** Bytes of the next part, such that it takes about a second. @param ms that the last one took */
export const nextPartBytes = (lastBytes: number, ms: number): number => {
  const fits = (lastBytes / Math.max(1, ms)) * partMs;
  // Never more than twice as much at once: the first part says little of the line.
  return Math.round(Math.min(maxPartBytes, Math.max(minPartBytes, Math.min(fits, lastBytes * 2))));
};
