// What is in no heartbeat: the room on disks, and how long the certificates of servers are valid. The leader writes it as
// incidents; metrics show it.
import { statfs } from 'node:fs/promises';

import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Finding, Incidents } from '@pulser/context-bus';
import { Logger, Metrics, Rounds } from '@pulser/service-kit';

import { HealthEnv } from '../health.env.js';
import { Leadership } from '../leadership/leadership.js';
import { certificateEnd } from './certificate-end.js';
import { certificateFinding, placeOf, type TlsServer, tlsServersOf } from './certificates.policy.js';
import { diskFinding } from './disk-space.policy.js';

const disksEveryMs = 30_000;
const certificatesEveryMs = 3_600_000;
const firstMs = 5_000;

@Injectable()
export class MachineWatch implements OnApplicationBootstrap {
  private readonly full = new Set<string>();
  private readonly servers: readonly TlsServer[];
  private readonly free;
  private readonly ends;
  private nextCertificatesMs = performance.now() + firstMs;

  constructor(
    private readonly leadership: Leadership,
    private readonly incidents: Incidents,
    private readonly env: HealthEnv,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const { DATABASE_URL, AMQP_URL, SMTP_URL = '', PUBLIC_URL = '', HEALTH_TLS_URLS } = env;
    this.servers = tlsServersOf({
      ...{ DATABASE_URL: [DATABASE_URL], AMQP_URL: [AMQP_URL], SMTP_URL: [SMTP_URL], PUBLIC_URL: [PUBLIC_URL] },
      HEALTH_TLS_URLS,
    });
    this.free = metrics.gauge({
      name: 'pulser_disk_free_ratio',
      help: 'Free part of the disks of the folders in HEALTH_DISK_FOLDERS',
      labelNames: ['folder'],
    });
    this.ends = metrics.gauge({
      name: 'pulser_certificate_end_timestamp_seconds',
      help: 'When the certificate of a server that Pulser connects to ends, seconds since 1970; of the leader',
      labelNames: ['server'],
    });
  }

  onApplicationBootstrap(): void {
    if (this.env.HEALTH_DISK_FOLDERS.length > 0) this.rounds.every(disksEveryMs, () => this.lookAtDisks());
    if (this.servers.length > 0) this.rounds.every(firstMs, () => this.lookAtCertificates());
  }

  private async lookAtDisks(): Promise<void> {
    for (const folder of this.env.HEALTH_DISK_FOLDERS) {
      const { bavail, blocks, bsize } = await statfs(folder);
      this.free.labels(folder).set(bavail / blocks);
      const use = { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
      const finding = diskFinding(folder, use, this.full.has(folder));
      if (finding.state === 'open') this.full.add(folder);
      else this.full.delete(folder);
      await this.note(finding);
    }
  }

  // An hour after the last look of this process as the leader.
  private async lookAtCertificates(): Promise<void> {
    if (this.leadership.epoch === undefined) {
      this.ends.reset();
      this.nextCertificatesMs = 0;
    } else if (performance.now() >= this.nextCertificatesMs) {
      this.nextCertificatesMs = performance.now() + certificatesEveryMs;
      for (const server of this.servers) await this.lookAtCertificate(server);
    }
  }

  private async lookAtCertificate(server: TlsServer): Promise<void> {
    try {
      const end = await certificateEnd(server);
      this.ends.labels(placeOf(server)).set(end.getTime() / 1_000);
      await this.note(certificateFinding(server, end, new Date()));
    } catch (err) {
      // That a server cannot be reached is reported by the services that use it.
      this.logger.debug({ err, server: placeOf(server) }, 'a certificate could not be read');
    }
  }

  private async note(finding: Finding): Promise<void> {
    const { epoch } = this.leadership;
    if (epoch !== undefined) await this.incidents.note(finding, epoch);
  }
}
