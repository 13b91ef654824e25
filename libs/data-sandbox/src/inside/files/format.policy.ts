// Which format a file has.
import type { FileFormat } from '../../sources/sources.js';

/** The first bytes of a file, the name that it came under, and what its owner said. */
export interface FileFacts {
  readonly head: Uint8Array;
  readonly fileName?: string | undefined;
  readonly format?: FileFormat | undefined;
}

const starts = (head: Uint8Array, text: string): boolean =>
  Buffer.from(head.subarray(0, text.length)).equals(Buffer.from(text, 'latin1'));

export const isGzip = (head: Uint8Array): boolean => starts(head, '\x1f\x8b');
export const isZip = (head: Uint8Array): boolean => starts(head, 'PK\x03\x04') || starts(head, 'PK\x05\x06');

const byName: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
};

const extensionOf = (name: string): string =>
  (name.toLowerCase().replace(/\.gz$/, '').split('.').at(-1) ?? '').slice(0, 20);

// An array, or one object over several lines, is JSON; objects on lines are NDJSON. UTF-16 has zero bytes between.
const byContent = (head: Uint8Array): FileFormat => {
  const text = Buffer.from(head)
    .toString('latin1')
    .replaceAll('\0', '')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .trimStart();
  if (text.startsWith('[')) return 'json';
  if (!text.startsWith('{')) return 'csv';
  const [line = '', next = ''] = text.split(/\r?\n/);
  return line.trimEnd().endsWith('}') && next.trimStart().startsWith('{') ? 'ndjson' : 'json';
};

/** The format that the owner said; else by the first bytes of Parquet and XLSX, the name of the file, its content. */
export const formatOf = ({ format, head, fileName = '' }: FileFacts): FileFormat => {
  if (format !== undefined) return format;
  if (starts(head, 'PAR1')) return 'parquet';
  // Archives are unpacked by now: what is left is a workbook.
  if (isZip(head)) return 'xlsx';
  return byName[extensionOf(fileName)] ?? byContent(head);
};
