// What a container has written, within a limit.
import { Demultiplexer, type OutputName, type OutputPart } from './multiplexed.policy.js';

/** Keeps the first or the last bytes of an output. */
class Kept {
  private chunks: Buffer[] = [];
  private size = 0;
  truncated = false;

  constructor(
    private readonly maxBytes: number,
    private readonly end: 'first' | 'last',
  ) {}

  add(bytes: Buffer): void {
    const room = this.maxBytes - this.size;
    if (this.end === 'first') {
      this.truncated ||= bytes.length > room;
      this.append(bytes.subarray(0, Math.max(room, 0)));
      return;
    }
    this.append(bytes);
    // Twice as much is held, so that a long output is not copied at every chunk.
    if (this.size > 2 * this.maxBytes) this.cut();
  }

  text(): string {
    if (this.size > this.maxBytes) this.cut();
    // A character that was cut in two decodes to replacement characters.
    return Buffer.concat(this.chunks)
      .toString('utf8')
      .replace(/^\uFFFD+|\uFFFD+$/g, '');
  }

  private append(bytes: Buffer): void {
    this.chunks.push(bytes);
    this.size += bytes.length;
  }

  private cut(): void {
    const all = Buffer.concat(this.chunks);
    this.chunks = [all.subarray(all.length - this.maxBytes)];
    this.size = this.maxBytes;
    this.truncated = true;
  }
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/** Collects both outputs of a container, each up to a number of bytes. */
export class OutputCollector {
  private readonly kept: Readonly<Record<OutputName, Kept>>;
  private readonly frames = new Demultiplexer();

  /** @param terminal whether the container has one: then its output is one stream without frames */
  constructor(
    private readonly terminal: boolean,
    maxBytes: number,
    end: 'first' | 'last',
  ) {
    this.kept = { stdout: new Kept(maxBytes, end), stderr: new Kept(maxBytes, end) };
  }

  /** @throws ToolError when the chunk is not in the engine's format */
  add(chunk: Buffer): void {
    for (const { name, bytes } of this.partsOf(chunk)) this.kept[name].add(bytes);
  }

  get output(): Output {
    const { stdout, stderr } = this.kept;
    const texts = { stdout: stdout.text(), stderr: stderr.text() };
    return { ...texts, truncated: stdout.truncated || stderr.truncated || !this.frames.complete };
  }

  private partsOf(chunk: Buffer): Iterable<OutputPart> {
    return this.terminal ? [{ name: 'stdout', bytes: chunk }] : this.frames.push(chunk);
  }
}
