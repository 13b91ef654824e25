import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definitions } from './rabbitmq.mjs';
import { secretFiles, usualPlaces, writeSecretFiles } from './secret-files.mjs';

const nothing = () => undefined;

describe('the secrets of a deployed system', () => {
  it('are made once: other addresses, or a new user of the broker, change no password', () => {
    const first = secretFiles(nothing);
    const without = JSON.parse(first['pulser-broker-users/1-users.json']);
    without.users = without.users.filter(({ name }) => name !== 'health');
    const before = (path) => (path === 'pulser-broker-users/1-users.json' ? JSON.stringify(without) : first[path]);
    const second = secretFiles(before, {
      ...usualPlaces,
      database: 'postgresql://db.example:6432/pulser?sslmode=verify-full',
    });

    const password = first['pulser-database/app-password'];
    expect(first['pulser-database/app']).toBe(`postgresql://pulser_app:${password}@postgres:5432/pulser`);
    expect(second['pulser-database/app']).toBe(
      `postgresql://pulser_app:${password}@db.example:6432/pulser?sslmode=verify-full`,
    );
    const ofTools = first['pulser-database/mcp-password'];
    expect(first['pulser-database/mcp']).toBe(`postgresql://pulser_mcp:${ofTools}@postgres:5432/pulser`);
    expect(second['pulser-database/mcp-password']).toBe(ofTools);
    expect(second['pulser-keys/secrets-key']).toBe(first['pulser-keys/secrets-key']);
    expect(second['pulser-broker/gateway']).toBe(first['pulser-broker/gateway']);
    expect(second['pulser-broker/health']).not.toBe(first['pulser-broker/health']);
  });

  it('give each user of the broker the password that its service has', () => {
    const files = secretFiles(nothing);
    const { users } = JSON.parse(files['pulser-broker-users/1-users.json']);
    for (const { user } of definitions().permissions) {
      const { password } = users.find(({ name }) => name === user);
      expect(files[`pulser-broker/${user}`]).toBe(`amqp://${user}:${password}@rabbitmq:5672`);
    }
    expect(new Set(users.map(({ password }) => password)).size).toBe(users.length);
  });

  it('are in a folder that only its owner enters, without a line break at their end', () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'secrets-')), 'made');
    writeSecretFiles(folder);
    writeSecretFiles(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(Buffer.from(readFileSync(join(folder, 'pulser-keys/secrets-key'), 'utf8'), 'base64')).toHaveLength(32);
    expect(readFileSync(join(folder, 'pulser-keys/metrics-token'), 'utf8')).toMatch(/^[0-9a-f]{48}$/);
    rmSync(folder, { recursive: true });
  });
});
