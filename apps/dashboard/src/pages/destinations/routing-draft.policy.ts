// What a destination is told of and when, as it is written in a form.
import type { DestinationChange, DestinationView, Severity } from '@pulser/contracts';

export interface RoutingDraft {
  readonly from: Severity | 'none';
  /** Minutes; empty: at once. */
  readonly after: string;
  readonly isQuiet: boolean;
  readonly start: string;
  readonly end: string;
  readonly zone: string;
}

/** Which fields are not right, each in a sentence. */
export type RoutingFaults = Partial<Readonly<Record<'after' | 'start' | 'end' | 'zone', string>>>;

const clock = /^([01]\d|2[0-3]):[0-5]\d$/;
const usualQuiet = { from: '22:00', to: '07:00' };

/** @param zone of this browser, for quiet hours that there are none of yet */
export const newRouting = (zone: string): RoutingDraft => ({
  ...{ from: 'warning', after: '', isQuiet: false },
  ...{ start: usualQuiet.from, end: usualQuiet.to, zone },
});

export const routingDraftOf = (
  { incidents_from: from, after_min: after, quiet }: Pick<DestinationView, 'incidents_from' | 'after_min' | 'quiet'>,
  zone: string,
): RoutingDraft => ({
  from: from ?? 'none',
  after: after === null ? '' : String(after),
  isQuiet: quiet !== null,
  start: quiet?.from ?? usualQuiet.from,
  end: quiet?.to ?? usualQuiet.to,
  zone: quiet?.time_zone ?? zone,
});

const clockFault = 'A time of day such as 22:00.';

const isAfterRight = (after: string): boolean =>
  after.trim() === '' || (/^\d+$/.test(after.trim()) && Number(after) >= 1 && Number(after) <= 10_080);

export const routingFaults = ({ after, isQuiet, start, end, zone }: RoutingDraft): RoutingFaults => ({
  ...(!isAfterRight(after) && { after: 'A number from 1 to 10080.' }),
  ...(isQuiet && !clock.test(start) && { start: clockFault }),
  ...(isQuiet && !clock.test(end) && { end: clockFault }),
  ...(isQuiet && clock.test(end) && start === end && { end: 'Later or earlier than their start.' }),
  ...(isQuiet && zone.trim() === '' && { zone: 'A time zone such as Europe/Berlin.' }),
});

/** As the API takes it. Incidents are of the installation: destinations of tenants name none. */
export const routingOf = (
  { from, after, isQuiet, start, end, zone }: RoutingDraft,
  isOfInstallation: boolean,
): DestinationChange => ({
  ...(isOfInstallation && {
    incidents_from: from === 'none' ? null : from,
    after_min: after.trim() === '' ? null : Number(after),
  }),
  quiet: isQuiet ? { from: start, to: end, time_zone: zone.trim() } : null,
});
