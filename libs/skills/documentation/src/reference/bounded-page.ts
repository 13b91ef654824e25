/** The page has become larger than it may be. */
export class PageTooLarge extends Error {}

/** A text that is written in pieces, up to a number of bytes in UTF-8. */
export class BoundedPage {
  private readonly pieces: Buffer[] = [];
  private size = 0;

  constructor(private readonly maxBytes: number) {}

  /** @throws PageTooLarge */
  write(...texts: readonly string[]): void {
    const piece = Buffer.from(texts.join(''));
    this.size += piece.length;
    if (this.size > this.maxBytes) throw new PageTooLarge(`More than ${this.maxBytes} bytes`);
    this.pieces.push(piece);
  }

  content(): Buffer {
    return Buffer.concat(this.pieces);
  }
}
