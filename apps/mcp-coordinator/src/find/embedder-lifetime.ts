import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ProcessEmbedder } from '@pulser/embedding';
import { SharedResources } from '@pulser/service-kit';

/** Ends the embedder with its service, unless services of the process share it. */
@Injectable()
export class EmbedderLifetime implements OnApplicationShutdown {
  constructor(
    private readonly embedder: ProcessEmbedder,
    private readonly resources: SharedResources,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    if (this.resources.find(ProcessEmbedder) === undefined) await this.embedder.close();
  }
}
