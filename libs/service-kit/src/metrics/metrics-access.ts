import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Who may read `/metrics`: everybody without a token, else who sends it as `Authorization: Bearer <token>`. */
export class MetricsAccess {
  private readonly wanted: Buffer | undefined;

  constructor(token?: string) {
    this.wanted = token === undefined ? undefined : digest(token);
  }

  permits(authorization: string | undefined): boolean {
    if (this.wanted === undefined) return true;
    const given = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    // Of digests, because both sides have to be of one length, and the time must not tell how much was right.
    return given !== undefined && timingSafeEqual(digest(given), this.wanted);
  }
}
