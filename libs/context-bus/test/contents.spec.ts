import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Database } from '@pulser/database';

import { type ContentRef, type ContentSettings, Contents, PieceStores } from '../src/index.js';
import { contentsContract, type StoreUnderTest } from './contents.contract.js';
import { gathered } from './gathered.js';
import { S3Server } from './s3-server.js';
import { TaskLife } from './task-life.js';

const settings = (own: Partial<ContentSettings> = {}): ContentSettings => ({
  CONTENT_STORE: 'database',
  S3_REGION: 'eu-test-1',
  CONTENT_QUOTA_BYTES: 1_000_000_000,
  ...own,
});

const inDatabase = async (database: Database, { server }: TaskLife): Promise<StoreUnderTest> => ({
  stores: await PieceStores.open(database, settings()),
  pieces: async ({ contentId }) => {
    const rows = await server.query('select from content_piece where content_id = $1', [contentId]);
    return rows.length;
  },
  damage: async ({ contentId }) => {
    await server.query(
      'update content_piece set bytes = set_byte(bytes, 7, 255 - get_byte(bytes, 7)) where content_id = $1',
      [contentId],
    );
  },
  close: () => Promise.resolve(),
});

const inFiles = async (database: Database): Promise<StoreUnderTest> => {
  const folder = await mkdtemp(join(tmpdir(), 'pulser-content-'));
  const stores = await PieceStores.open(database, settings({ CONTENT_STORE: 'files', CONTENT_DIR: folder }));
  const pathOf = ({ tenantId, contentId }: ContentRef): string => join(folder, tenantId, contentId);
  return {
    stores,
    pieces: async (content) => {
      const size = await stat(pathOf(content)).then(
        (found) => found.size,
        () => 0,
      );
      return Math.ceil(size / stores.current.pieceBytes);
    },
    damage: async (content) => {
      const bytes = await readFile(pathOf(content));
      bytes.writeUInt8(255 - bytes.readUInt8(7), 7);
      await chmod(pathOf(content), 0o600);
      await writeFile(pathOf(content), bytes);
    },
    close: async () => {
      // Nothing but contents is in it.
      for (const tenant of await readdir(folder)) expect(tenant).toMatch(/^[\da-f-]{36}$/);
      await rm(folder, { recursive: true });
    },
  };
};

const s3Settings = (server: S3Server): ContentSettings =>
  settings({
    CONTENT_STORE: 's3',
    S3_ENDPOINT: server.endpoint,
    S3_REGION: server.region,
    S3_ACCESS_KEY_ID: server.accessKeyId,
    S3_SECRET_ACCESS_KEY: server.secretAccessKey,
  });

const inS3 = async (database: Database): Promise<StoreUnderTest> => {
  const server = await S3Server.start();
  const stores = await PieceStores.open(database, s3Settings(server));
  return {
    stores,
    pieces: ({ contentId }) =>
      Promise.resolve([...server.objects.keys()].filter((key) => key.includes(`/${contentId}/`)).length),
    damage: ({ contentId }) => {
      const [piece] = [...server.objects].flatMap(([key, bytes]) => (key.includes(contentId) ? [bytes] : []));
      piece?.writeUInt8(255 - piece.readUInt8(7), 7);
      return Promise.resolve();
    },
    close: async () => {
      expect(server.refused).toBe(0);
      await stores.onApplicationShutdown();
      await server.stop();
    },
  };
};

contentsContract('database', inDatabase);
contentsContract('files', inFiles);
contentsContract('s3', inS3);

describe('stores of large files', () => {
  let life: TaskLife;
  let server: S3Server;

  beforeAll(async () => {
    life = await TaskLife.start();
    server = await S3Server.start();
  });

  afterAll(async () => {
    await server.stop();
    await life.stop();
  });

  const one = async function* (): AsyncGenerator<Buffer> {
    yield await Promise.resolve(Buffer.from('x'));
  };
  const limits = { maxBytes: 10, usualQuota: 1_000 };

  it.each([
    [settings({ CONTENT_STORE: 'files' }), 'CONTENT_DIR is not set: it is required with CONTENT_STORE files'],
    [settings({ CONTENT_STORE: 's3' }), 'S3_ENDPOINT is not set: it is required with CONTENT_STORE s3'],
    [settings({ S3_ENDPOINT: 'https://s3/bucket' }), 'S3_ACCESS_KEY_ID is not set: it is required with S3_ENDPOINT'],
  ])('ask for what they need: %#', async (wrong, message) => {
    await expect(PieceStores.open(life.database, wrong)).rejects.toThrow(message);
  });

  it('are all read, whichever new files go to', async () => {
    const both = await PieceStores.open(life.database, s3Settings(server));
    const old = new Contents(life.database, await PieceStores.open(life.database, settings()));
    const content = await old.write(life.tenantId, one(), limits);
    expect(await gathered(new Contents(life.database, both).read(content))).toEqual(Buffer.from('x'));
    await both.onApplicationShutdown();
  });

  it('that are away, or refuse the credentials, are an outage and no loss', async () => {
    const stores = await PieceStores.open(life.database, s3Settings(server));
    const contents = new Contents(life.database, stores);
    const content = await contents.write(life.tenantId, one(), limits);
    server.away = true;
    await expect(gathered(contents.read(content))).rejects.toMatchObject({ code: 'content_unavailable' });
    await expect(contents.write(life.tenantId, one(), limits)).rejects.toMatchObject({ transient: true });
    server.away = false;
    expect(await gathered(contents.read(content))).toEqual(Buffer.from('x'));
    await stores.onApplicationShutdown();

    const forged = await PieceStores.open(life.database, { ...s3Settings(server), S3_SECRET_ACCESS_KEY: 'guessed' });
    await expect(gathered(new Contents(life.database, forged).read(content))).rejects.toMatchObject({
      code: 'content_unavailable',
    });
    expect(server.refused).toBe(1);
    await forged.onApplicationShutdown();
  });
});
