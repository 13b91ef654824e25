import { type DynamicModule, Injectable, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { type EmbeddingEnv, ProcessEmbedder } from '@pulser/embedding';
import { Breakers, SharedResources } from '@pulser/service-kit';

import { EmbeddingModels } from './embedding-models.js';
import { Memories } from './memories.js';
import { MemoryReads } from './memory-reads.js';
import { MemoryUpkeep } from './memory-upkeep.js';
import { MemoryWrites } from './memory-writes.js';

/** Ends the embedder with its service, unless services of the process share it. */
@Injectable()
class EmbedderLifetime implements OnApplicationShutdown {
  constructor(
    private readonly embedder: ProcessEmbedder,
    private readonly resources: SharedResources,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    if (this.resources.find(ProcessEmbedder) === undefined) await this.embedder.close();
  }
}

const embedder = (env: EmbeddingEnv): Provider => ({
  provide: ProcessEmbedder,
  inject: [SharedResources, Breakers],
  useFactory: (resources: SharedResources, breakers: Breakers) =>
    resources.find(ProcessEmbedder) ?? new ProcessEmbedder(env, breakers),
});

/** Memories and the embedder. Needs ContextBusModule and ServiceKitModule. */
@Module({})
export class MemoryModule {
  static forRoot(env: EmbeddingEnv): DynamicModule {
    const providers = [embedder(env), EmbeddingModels, MemoryReads, MemoryWrites, MemoryUpkeep, Memories];
    return { module: MemoryModule, global: true, providers: [...providers, EmbedderLifetime], exports: providers };
  }
}
