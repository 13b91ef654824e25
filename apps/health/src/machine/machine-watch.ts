// What no heartbeat tells of: the room on disks, and how long the certificates of our servers are valid. Looked at by the
// leader, written as incidents.
import { statfs } from 'node:fs/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';

import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Finding, Incidents } from '@pulser/context-bus';
import { Logger, Rounds } from '@pulser/service-kit';

import { HealthEnv } from '../health.env.js';
import { Leadership } from '../leadership/leadership.js';
import { certificateFinding, tlsServersOf, type TlsServer } from './certificates.policy.js';
import { diskFinding } from './disk-space.policy.js';

const disksEveryMs = 30_000;
const certificatesEveryMs = 3_600_000;
const firstMs = 5_000;
const connectMs = 10_000;

/**
 * When the certificate of a server ends. It is read, not trusted: nothing is sent.
 * @throws Error when the server cannot be reached within ten seconds, or shows none
 */
export const certificateEnd = ({ host, port }: Pick<TlsServer, 'host' | 'port'>): Promise<Date> => {
  const { promise, resolve, reject } = Promise.withResolvers<Date>();
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = connect({ host, port, ...name, rejectUnauthorized: false, timeout: connectMs }, () => {
    const end = new Date(socket.getPeerCertificate().valid_to);
    if (Number.isNaN(end.getTime())) reject(new Error('it shows no certificate'));
    else resolve(end);
  });
  socket.on('timeout', () => {
    reject(new Error(`no answer within ${connectMs} ms`));
  });
  socket.on('error', reject);
  return promise.finally(() => {
    socket.destroy();
  });
};

@Injectable()
export class MachineWatch implements OnApplicationBootstrap {
  private readonly full = new Set<string>();
  private readonly servers: readonly TlsServer[];
  private nextCertificatesMs = performance.now() + firstMs;

  constructor(
    private readonly leadership: Leadership,
    private readonly incidents: Incidents,
    private readonly env: HealthEnv,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
  ) {
    const { AMQP_URL, SMTP_URL, PUBLIC_URL } = env;
    this.servers = tlsServersOf({ AMQP_URL, SMTP_URL, PUBLIC_URL });
  }

  onApplicationBootstrap(): void {
    if (this.env.HEALTH_DISK_FOLDERS.length > 0) this.rounds.every(disksEveryMs, () => this.lookAtDisks());
    if (this.servers.length > 0) this.rounds.every(firstMs, () => this.lookAtCertificates());
  }

  private async lookAtDisks(): Promise<void> {
    for (const folder of this.env.HEALTH_DISK_FOLDERS) {
      const { bavail, blocks, bsize } = await statfs(folder);
      const use = { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
      const finding = diskFinding(folder, use, this.full.has(folder));
      if (finding.state === 'open') this.full.add(folder);
      else this.full.delete(folder);
      await this.note(finding);
    }
  }

  // An hour after the last look of this process as the leader.
  private async lookAtCertificates(): Promise<void> {
    if (this.leadership.epoch === undefined || performance.now() < this.nextCertificatesMs) return;
    this.nextCertificatesMs = performance.now() + certificatesEveryMs;
    for (const server of this.servers) {
      try {
        await this.note(certificateFinding(server, await certificateEnd(server), new Date()));
      } catch (err) {
        // That a server cannot be reached is found by those who use it.
        this.logger.debug({ err, server: `${server.host}:${server.port}` }, 'a certificate could not be read');
      }
    }
  }

  private async note(finding: Finding): Promise<void> {
    const { epoch } = this.leadership;
    if (epoch !== undefined) await this.incidents.note(finding, epoch);
  }
}
