// Output of containers without a terminal: frames of stdout and stderr in one stream.
// https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach, "Stream format"
import { ToolError } from '@pulser/mcp-server-kit';

export type OutputName = 'stdout' | 'stderr';

/** A part of one of the two outputs. */
export interface OutputPart {
  readonly name: OutputName;
  readonly bytes: Buffer;
}

const headerBytes = 8;

const nameOf = (type: number): OutputName => {
  if (type === 1) return 'stdout';
  if (type === 2) return 'stderr';
  throw new ToolError('upstream_error', 'The output of the container is not in the format of the engine');
};

/** Takes a stream apart as it comes, whatever the cuts between its chunks. Never holds more than one chunk and one header. */
export class Demultiplexer {
  private header = Buffer.alloc(0);
  private name: OutputName = 'stdout';
  private remaining = 0;

  /** The parts in the next chunk. @throws ToolError when a header is none */
  *push(chunk: Buffer): Generator<OutputPart> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.remaining === 0) rest = this.readHeader(rest);
      const bytes = rest.subarray(0, this.remaining);
      this.remaining -= bytes.length;
      rest = rest.subarray(bytes.length);
      if (bytes.length > 0) yield { name: this.name, bytes };
    }
  }

  /** Whether the stream ended between two frames. */
  get complete(): boolean {
    return this.remaining === 0 && this.header.length === 0;
  }

  private readHeader(chunk: Buffer): Buffer {
    const missing = headerBytes - this.header.length;
    this.header = Buffer.concat([this.header, chunk.subarray(0, missing)]);
    if (this.header.length === headerBytes) {
      this.name = nameOf(this.header.readUInt8(0));
      this.remaining = this.header.readUInt32BE(4);
      this.header = Buffer.alloc(0);
    }
    return chunk.subarray(missing);
  }
}
