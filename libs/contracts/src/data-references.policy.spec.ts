import { parseReference } from './data-references.js';

const task = '0198c7a0-0000-7000-8000-000000000002';
const hash = 'a'.repeat(64);

describe('a reference to data', () => {
  it.each([
    ['dataset:sales', { kind: 'dataset', name: 'sales' }],
    ['dataset:sales.2026-q1_eu@12', { kind: 'dataset', name: 'sales.2026-q1_eu', version: 12 }],
    [`artifact:${task}/rows ü/1.csv`, { kind: 'artifact', taskId: task, name: 'rows ü/1.csv' }],
    [`artifact:${task.toUpperCase()}/a`, { kind: 'artifact', taskId: task, name: 'a' }],
    [`upload:${hash}`, { kind: 'upload', sha256: hash }],
  ])('names it: %s', (text, reference) => {
    expect(parseReference(text)).toEqual(reference);
  });

  it.each([
    ...['', 'sales', 'dataset:', 'dataset:Sales', 'dataset:a b', 'dataset:../a', 'dataset:sales@', 'dataset:sales@0'],
    ...['dataset:sales@-1', 'dataset:sales@1e9', 'dataset:sales@latest', 'dataset:a@1@2', `dataset:${'a'.repeat(101)}`],
    ...['artifact:', 'artifact:1/a', `artifact:${task}`, `artifact:${task}/`, `artifact:${task}/\0`],
    ...['upload:', `upload:${hash.toUpperCase()}`, `upload:${hash}0`, 'file:/etc/passwd', 'https://example.com/a'],
    `artifact:${task}/${'a'.repeat(400)}`,
  ])('is none: %j', (text) => {
    expect(parseReference(text)).toBeUndefined();
  });
});
