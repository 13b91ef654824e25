// Destinations as the API shows them: a tenant's for its callers, the installation's for its keys.
import { Injectable } from '@nestjs/common';
import {
  Deliveries,
  type DeliveryRow,
  type DestinationRow,
  Destinations,
  type NewDestination,
} from '@pulser/context-bus';
import {
  type ConfirmedDestination,
  type DeliveryPage,
  type DeliveryQuery,
  type DeliveryView,
  type DestinationChange,
  type DestinationList,
  type DestinationOrder,
  type DestinationView,
  HttpError,
  maxDestinations,
  Notice,
  type Sent,
  systemTenantId,
} from '@pulser/contracts';
import { messageOf } from '@pulser/notify/message';

import type { AnyCaller } from '../access/caller.js';
import { nextCursor, notFound, startOfPage } from '../rest/parameters.js';

const destinationView = (row: DestinationRow): DestinationView => ({
  destination_id: row.destinationId,
  name: row.name,
  kind: row.kind,
  to: row.address.to ?? null,
  url: row.address.url ?? null,
  secret: row.secret,
  incidents_from: row.incidentsFrom,
  after_min: row.afterMin,
  quiet: row.quiet,
  confirmed_at: row.confirmedAt?.toISOString() ?? null,
  made_at: row.madeAt.toISOString(),
  made_by: row.madeBy,
});

// The code of a confirmation is for its receiver alone: a subject has none.
const subjectOf = ({ kind, content }: DeliveryRow): string => {
  const withCode = kind === 'confirmation' ? { code: '', ...(content as object) } : content;
  const { data } = Notice.safeParse({ kind, content: withCode });
  return data === undefined ? kind : messageOf([data]).subject;
};

const deliveryView = (row: DeliveryRow): DeliveryView => ({
  delivery_id: row.deliveryId,
  notification_id: row.notificationId,
  message_id: row.messageId,
  kind: row.kind,
  subject: subjectOf(row),
  state: row.state,
  attempts: row.attempts,
  due_at: row.state === 'pending' ? row.dueAt.toISOString() : null,
  log: row.log.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })),
  created_at: row.createdAt.toISOString(),
  ended_at: row.endedAt?.toISOString() ?? null,
});

const orderOf = (order: DestinationOrder): NewDestination => ({
  name: order.name,
  kind: order.kind,
  address: order.kind === 'email' ? { to: order.to } : order.kind === 'webhook' ? { url: order.url } : {},
  secret: order.kind === 'email' ? null : order.secret,
  incidentsFrom: order.incidents_from,
  afterMin: order.after_min,
  quiet: order.quiet,
});

/** Whose rows a caller works on. */
const ownerOf = ({ tenantId }: Pick<AnyCaller, 'tenantId'>): string => tenantId ?? systemTenantId;

const refuseRouting = ({ tenantId }: AnyCaller, incidentsFrom: unknown, afterMin: unknown): void => {
  if (tenantId === undefined || ((incidentsFrom ?? null) === null && (afterMin ?? null) === null)) return;
  const pointer = (incidentsFrom ?? null) === null ? '/after_min' : '/incidents_from';
  const detail = 'Incidents are of the installation: only its destinations are told of them';
  throw new HttpError('invalid_request', { errors: [{ pointer, detail }] });
};

@Injectable()
export class DestinationsService {
  constructor(
    private readonly destinations: Destinations,
    private readonly deliveries: Deliveries,
  ) {}

  async list(caller: AnyCaller): Promise<DestinationList> {
    return { destinations: (await this.destinations.list(ownerOf(caller))).map(destinationView) };
  }

  /** @throws HttpError `invalid_request` for incidents of a tenant's destination, `conflict` for a taken name or too many */
  async add(caller: AnyCaller, order: DestinationOrder): Promise<DestinationView> {
    refuseRouting(caller, order.incidents_from, order.after_min);
    const row = await this.destinations.add(ownerOf(caller), caller.actor, orderOf(order), maxDestinations);
    if (row !== undefined) return destinationView(row);
    throw new HttpError('conflict', {
      detail: `There is a destination of this name, or there are ${maxDestinations} already: delete one, or take another name`,
    });
  }

  /** @throws HttpError `not_found` */
  async find(caller: AnyCaller, destinationId: string): Promise<DestinationView> {
    return destinationView(await this.found(caller, destinationId));
  }

  /** @throws HttpError `not_found`, `invalid_request` */
  async change(caller: AnyCaller, destinationId: string, change: DestinationChange): Promise<DestinationView> {
    const { incidents_from: incidentsFrom, after_min: afterMin, quiet } = change;
    refuseRouting(caller, incidentsFrom, afterMin);
    const routing = {
      ...(incidentsFrom !== undefined && { incidentsFrom }),
      ...(afterMin !== undefined && { afterMin }),
      ...(quiet !== undefined && { quiet }),
    };
    const row = await this.destinations.change(ownerOf(caller), caller.actor, destinationId, routing);
    if (row === undefined) throw notFound('destination');
    return destinationView(row);
  }

  /** @throws HttpError `not_found` */
  async remove(caller: AnyCaller, destinationId: string): Promise<void> {
    if (!(await this.destinations.remove(ownerOf(caller), caller.actor, destinationId))) throw notFound('destination');
  }

  /** @throws HttpError `not_found`; `too_many_requests` for a second code within a minute */
  async test(caller: AnyCaller, destinationId: string): Promise<Sent> {
    const row = await this.found(caller, destinationId);
    if (row.confirmedAt !== null)
      return { sent: 'test', delivery_id: await this.destinations.test(ownerOf(caller), caller.actor, row) };
    const deliveryId = await this.destinations.resendCode(ownerOf(caller), caller.actor, row);
    if (deliveryId !== undefined) return { sent: 'confirmation', delivery_id: deliveryId };
    throw new HttpError('too_many_requests', {
      detail: 'It is not confirmed, and a code was sent within the last minute',
      retryAfterS: 60,
    });
  }

  /** @throws HttpError `not_found` */
  async confirm(code: string): Promise<ConfirmedDestination> {
    const row = await this.destinations.confirm(code);
    if (row === undefined) throw notFound('code');
    return { name: row.name, kind: row.kind };
  }

  /** @throws HttpError `not_found`, `invalid_request` */
  async log(caller: AnyCaller, destinationId: string, { state, limit, cursor }: DeliveryQuery): Promise<DeliveryPage> {
    await this.found(caller, destinationId);
    const page = { state, limit, before: startOfPage(cursor) };
    const rows = await this.deliveries.page(ownerOf(caller), destinationId, page);
    return { deliveries: rows.map(deliveryView), next_cursor: nextCursor(rows, limit, (row) => row.deliveryId) };
  }

  /** @throws HttpError `not_found`, also for one that has not ended */
  async redeliver(caller: AnyCaller, deliveryId: string): Promise<void> {
    if (!(await this.deliveries.redeliver(ownerOf(caller), caller.actor, deliveryId)))
      throw new HttpError('not_found', { detail: 'There is no such delivery, or it is under way still' });
  }

  private async found(caller: AnyCaller, destinationId: string): Promise<DestinationRow> {
    const row = await this.destinations.find(ownerOf(caller), destinationId);
    if (row === undefined) throw notFound('destination');
    return row;
  }
}
