import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  /** PEM file, for AMQP_CA_FILE: it is its own authority. */
  readonly file: string;
  readonly cert: Buffer;
  readonly key: Buffer;
  remove(): Promise<void>;
}

/** A certificate for a host name that nobody else has signed. */
export const certificateFor = async (hostName: string): Promise<Certificate> => {
  const folder = await mkdtemp(join(tmpdir(), 'pulser-certificate-'));
  const [file, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const subject = ['-subj', `/CN=${hostName}`, '-addext', `subjectAltName=DNS:${hostName}`];
  await promisify(execFile)('openssl', ['req', '-x509', '-days', '2', ...key, ...subject, '-out', file]);
  const [cert, privateKey] = await Promise.all([readFile(file), readFile(keyFile)]);
  return { file, cert, key: privateKey, remove: () => rm(folder, { recursive: true }) };
};
