import { objectsOf } from './documents.policy.js';

const object = (more: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${more}`;

describe('a manifest', () => {
  it('is read as kubectl reads it', () => {
    const [read] = objectsOf(object('defaultMode: 0644\nenabled: on\nquoted: "on"\nclock: 22:22\nday: 2026-11-01\n'));
    expect(read).toMatchObject({ defaultMode: 420, enabled: true, quoted: 'on', clock: '22:22', day: '2026-11-01' });
  });

  it('may have several documents, empty ones, lists and JSON', () => {
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b' } }],
    });
    expect(objectsOf(`---\n${object('')}---\n# nothing\n---\n${list}\n---\n`).map(({ kind }) => kind)).toEqual([
      'ConfigMap',
      'Secret',
    ]);
  });

  it.each([
    ['', 'no objects'],
    ['# a comment', 'no objects'],
    ['a: [', 'not YAML'],
    ['just a text', 'Object 1'],
    [`${object('')}---\nkind: Pod\nmetadata: {name: a}\n`, 'Object 2 of the manifest: apiVersion'],
    ['apiVersion: ../../v1\nkind: Pod\nmetadata: {name: a}', 'apiVersion'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}', 'metadata.name'],
    [Array.from({ length: 51 }, () => object('')).join('---\n'), '51 objects'],
  ])('is refused with a reason: %#', (text, reason) => {
    expect(() => objectsOf(text)).toThrow(
      expect.objectContaining({ code: 'invalid_args', message: expect.stringContaining(reason) as string }) as Error,
    );
  });

  it('does not grow out of a small text', () => {
    const levels = Array.from(
      { length: 12 },
      (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(10)}]`,
    );
    expect(() => objectsOf(object(`l0: &l0 [x]\n${levels.join('\n')}`))).toThrow(
      expect.objectContaining({ code: 'invalid_args' }) as Error,
    );
  });
});
