import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Module, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  ConfirmDestination,
  ConfirmedDestination,
  DeliveryPage,
  DeliveryQuery,
  DeliveryView,
  DestinationChange,
  DestinationList,
  DestinationOrder,
  DestinationView,
  Sent,
} from '@pulser/contracts';
import { Public } from '@pulser/service-kit';

import { type AnyCaller, EveryCaller } from '../access/caller.js';
import { EverybodysRole } from '../access/roles.js';
import { bodyProblems, Documented, OptionalBody } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';
import { IdParameter, IdPipe } from '../rest/parameters.js';
import { DestinationsService } from './destinations.service.js';

const OptionalChange = DestinationChange.nullish();

/** Keys and people of a tenant work on its destinations, keys of the installation on those of the installation. */
@ApiTags('destinations')
@Controller('api/v1')
export class DestinationsController {
  constructor(private readonly destinations: DestinationsService) {}

  @EverybodysRole('operator')
  @Documented({
    id: 'listDestinations',
    summary: 'List where messages go',
    answers: [{ status: 200, description: 'All destinations, by name', schema: DestinationList }],
  })
  @Get('destinations')
  list(@EveryCaller() caller: AnyCaller): Promise<DestinationList> {
    return this.destinations.list(caller);
  }

  @EverybodysRole('admin')
  @Documented({
    id: 'createDestination',
    summary: 'Add a destination',
    description:
      'Slack by an incoming webhook, an e-mail address, or a webhook whose requests are signed (Standard Webhooks). It is ' +
      'sent a code, and nothing else until its receiver confirms it with the code, within 24 hours. Addresses in private ' +
      'networks are refused when they are used, unless OUTGOING_ALLOW of the health service names them.',
    answers: [{ status: 201, description: 'The destination, which is not confirmed', schema: DestinationView }],
    problems: [...bodyProblems, 'conflict'],
  })
  @Post('destinations')
  add(
    @EveryCaller() caller: AnyCaller,
    @Body({ schema: DestinationOrder }) order: DestinationOrder,
  ): Promise<DestinationView> {
    return this.destinations.add(caller, order);
  }

  @Public()
  @Documented({
    id: 'confirmDestination',
    summary: 'Confirm a destination',
    description: 'For its receiver, who needs no key: the code is the proof. It works once.',
    answers: [{ status: 200, description: 'What was confirmed', schema: ConfirmedDestination }],
    problems: [...bodyProblems, 'not_found'],
  })
  @Post('destinations/confirm')
  @HttpCode(HttpStatus.OK)
  confirm(@Body({ schema: ConfirmDestination }) { code }: ConfirmDestination): Promise<ConfirmedDestination> {
    return this.destinations.confirm(code);
  }

  @EverybodysRole('operator')
  @IdParameter('the destination')
  @Documented({
    id: 'getDestination',
    summary: 'Get a destination',
    answers: [{ status: 200, description: 'The destination', schema: DestinationView }],
    problems: ['not_found'],
  })
  @Get('destinations/:id')
  view(
    @EveryCaller() caller: AnyCaller,
    @Param('id', new IdPipe('destination')) destinationId: string,
  ): Promise<DestinationView> {
    return this.destinations.find(caller, destinationId);
  }

  @EverybodysRole('admin')
  @IdParameter('the destination')
  @OptionalBody()
  @Documented({
    id: 'changeDestination',
    summary: 'Change what a destination is told of, and when',
    description: 'Its address stays: another address is another destination, which its receiver confirms.',
    answers: [{ status: 200, description: 'The destination as it is now', schema: DestinationView }],
    problems: [...bodyProblems, 'not_found'],
  })
  @Patch('destinations/:id')
  change(
    @EveryCaller() caller: AnyCaller,
    @Param('id', new IdPipe('destination')) destinationId: string,
    @Body({ schema: OptionalChange }) change: DestinationChange | null | undefined,
  ): Promise<DestinationView> {
    return this.destinations.change(caller, destinationId, change ?? {});
  }

  @EverybodysRole('admin')
  @IdParameter('the destination')
  @Documented({
    id: 'deleteDestination',
    summary: 'Delete a destination, with its log of deliveries',
    answers: [{ status: 204, description: 'It is gone; what waited for it is not sent' }],
    problems: ['not_found'],
  })
  @Delete('destinations/:id')
  @HttpCode(HttpStatus.NO_CONTENT)
  remove(
    @EveryCaller() caller: AnyCaller,
    @Param('id', new IdPipe('destination')) destinationId: string,
  ): Promise<void> {
    return this.destinations.remove(caller, destinationId);
  }

  @EverybodysRole('admin')
  @IdParameter('the destination')
  @Documented({
    id: 'testDestination',
    summary: 'Send a message that says that it is a test',
    description: 'To one that is not confirmed another code is sent, at most once a minute; the code before ends.',
    answers: [
      { status: 202, description: 'It is on its way: the log of deliveries says what comes of it', schema: Sent },
    ],
    problems: ['not_found'],
  })
  @Post('destinations/:id/test')
  @HttpCode(HttpStatus.ACCEPTED)
  test(@EveryCaller() caller: AnyCaller, @Param('id', new IdPipe('destination')) destinationId: string): Promise<Sent> {
    return this.destinations.test(caller, destinationId);
  }

  @EverybodysRole('operator')
  @IdParameter('the destination')
  @Documented({
    id: 'listDeliveries',
    summary: 'List what was sent to a destination, newest first',
    answers: [{ status: 200, description: 'A page', schema: DeliveryPage }],
    problems: ['invalid_request', 'not_found'],
  })
  @Exportable({
    name: 'deliveries',
    row: DeliveryView,
    rows: 'deliveries',
    paging: { parameter: 'cursor', next: 'next_cursor' },
  })
  @Get('destinations/:id/deliveries')
  log(
    @EveryCaller() caller: AnyCaller,
    @Param('id', new IdPipe('destination')) destinationId: string,
    @Query({ schema: DeliveryQuery }) query: DeliveryQuery,
  ): Promise<DeliveryPage> {
    return this.destinations.log(caller, destinationId, query);
  }

  @EverybodysRole('operator')
  @IdParameter('the delivery')
  @Documented({
    id: 'redeliver',
    summary: 'Send a message again that was delivered, or given up',
    description: 'Under the same id: a receiver that has it already may ignore it.',
    answers: [{ status: 202, description: 'It is on its way' }],
    problems: ['not_found'],
  })
  @Post('deliveries/:id/redeliver')
  @HttpCode(HttpStatus.ACCEPTED)
  redeliver(@EveryCaller() caller: AnyCaller, @Param('id', new IdPipe('delivery')) deliveryId: string): Promise<void> {
    return this.destinations.redeliver(caller, deliveryId);
  }
}

@Module({ controllers: [DestinationsController], providers: [DestinationsService] })
export class DestinationsModule {}
