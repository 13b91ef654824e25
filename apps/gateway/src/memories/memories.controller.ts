import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Module, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  CreateMemory,
  ForgetMemories,
  Forgotten,
  MemoryCoverage,
  MemoryHits,
  MemoryPage,
  MemoryQuery,
  MemoryView,
  SearchMemories,
} from '@pulser/contracts';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';
import { IdParameter, IdPipe } from '../rest/parameters.js';
import { TenantMemories } from './memories.service.js';

const embedding = ['embedding_unavailable', 'embedding_mismatch'] as const;

@ApiTags('memories')
@Controller('api/v1/memories')
export class MemoriesController {
  constructor(private readonly memories: TenantMemories) {}

  @Role('operator')
  @Documented({
    id: 'createMemory',
    summary: 'Keep a memory',
    description:
      'The same content of the same agent, type and subject is the same memory: it is kept once, with the newer metadata ' +
      'and expiry. Texts are embedded in passages of some 200 words; one of more than eight is found by meaning a few ' +
      'seconds later.',
    answers: [{ status: 201, description: 'The memory, which is found from now on', schema: MemoryView }],
    problems: [...bodyProblems, ...embedding],
  })
  @Post()
  create(@TenantId() tenantId: string, @Body({ schema: CreateMemory }) order: CreateMemory): Promise<MemoryView> {
    return this.memories.create(tenantId, order);
  }

  @Role('viewer')
  @Documented({
    id: 'searchMemories',
    summary: 'Find memories by meaning',
    description:
      'score = (1 - recency_weight) x similarity + recency_weight x 0.5 ^ (age in days / half_life_days). The similarity ' +
      'is that of the nearest passage. The built-in model knows English, and takes a negated sentence for the sentence: ' +
      'read what you find.',
    answers: [{ status: 200, description: 'The best ones first', schema: MemoryHits }],
    problems: [...bodyProblems, ...embedding],
  })
  @Post('search')
  @HttpCode(HttpStatus.OK)
  search(@TenantId() tenantId: string, @Body({ schema: SearchMemories }) query: SearchMemories): Promise<MemoryHits> {
    return this.memories.search(tenantId, query);
  }

  @Role('viewer')
  @Documented({
    id: 'listMemories',
    summary: 'List memories, newest first',
    answers: [{ status: 200, description: 'A page', schema: MemoryPage }],
    problems: ['invalid_request'],
  })
  @Exportable({
    name: 'memories',
    row: MemoryView,
    rows: 'memories',
    paging: { parameter: 'cursor', next: 'next_cursor' },
  })
  @Get()
  page(@TenantId() tenantId: string, @Query({ schema: MemoryQuery }) query: MemoryQuery): Promise<MemoryPage> {
    return this.memories.page(tenantId, query);
  }

  @Role('viewer')
  @Documented({
    id: 'getMemoryCoverage',
    summary: 'How many memories each embedding model can find',
    description: 'After a change of the model memories are embedded again in the background.',
    answers: [{ status: 200, description: 'The models that matter to the tenant', schema: MemoryCoverage }],
  })
  @Get('models')
  coverage(@TenantId() tenantId: string): Promise<MemoryCoverage> {
    return this.memories.coverage(tenantId);
  }

  @Role('viewer')
  @IdParameter('the memory')
  @Documented({
    id: 'getMemory',
    summary: 'Get a memory',
    answers: [{ status: 200, description: 'The memory', schema: MemoryView }],
    problems: ['not_found'],
  })
  @Get(':id')
  view(@TenantId() tenantId: string, @Param('id', new IdPipe('memory')) memoryId: string): Promise<MemoryView> {
    return this.memories.find(tenantId, memoryId);
  }

  @Role('operator')
  @IdParameter('the memory')
  @Documented({
    id: 'forgetMemory',
    summary: 'Forget a memory',
    answers: [{ status: 200, description: 'It is gone, with its vectors', schema: Forgotten }],
    problems: ['not_found'],
  })
  @Delete(':id')
  forget(@TenantId() tenantId: string, @Param('id', new IdPipe('memory')) memoryId: string): Promise<Forgotten> {
    return this.memories.forget(tenantId, memoryId);
  }

  @Role('operator')
  @Documented({
    id: 'forgetMemories',
    summary: 'Forget all memories about a subject, of an agent, of a type, or older than a time',
    description:
      'Those that match every filter given, of which there must be one. No row of them is left, nor a vector; their space ' +
      'in tables and indexes is freed within minutes. Backups of the database keep them for as long as they are kept.',
    answers: [{ status: 200, description: 'How many are gone', schema: Forgotten }],
    problems: ['invalid_request'],
  })
  @Delete()
  forgetAll(
    @TenantId() tenantId: string,
    @Query({ schema: ForgetMemories }) which: ForgetMemories,
  ): Promise<Forgotten> {
    return this.memories.forgetAll(tenantId, which);
  }
}

@Module({ controllers: [MemoriesController], providers: [TenantMemories] })
export class MemoriesModule {}
