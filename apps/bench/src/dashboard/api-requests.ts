// The requests that pages make of the API: collected while they are visited, sent again to be measured, and sent by another
// tenant to see that it gets nothing of them.
import { setTimeout as wait } from 'node:timers/promises';

import type { Request } from 'playwright-core';

import { ask } from '../load/blast.js';
import type { BenchRequest } from '../load/contestant.js';

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const instant = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
const cursor = /(cursor=)[^&]+/;

const hourMs = 3_600_000;

/** How long ago, to the minute or the hour. */
const ageOf = (at: string, nowMs: number): string => {
  const ms = nowMs - Date.parse(at);
  return ms < hourMs / 2 ? `${Math.round(ms / 60_000)} min ago` : `${Math.round(ms / hourMs)} h ago`;
};

/** A request without what differs from visit to visit: ids, cursors, and times but for how long ago they are. */
export const shapeOf = (url: string, nowMs = Date.now()): string => {
  const { pathname, search } = new URL(url);
  return decodeURIComponent(pathname + search)
    .replaceAll(uuid, '…')
    .replaceAll(instant, (at) => ageOf(at, nowMs))
    .replace(cursor, '$1…');
};

/** What pages asked for, once for each shape. */
export class ApiRequests {
  private readonly byShape = new Map<string, string>();

  /** Takes GET requests of the API that are answered once; streams are none. */
  readonly collect = (request: Request): void => {
    const url = request.url();
    const { pathname } = new URL(url);
    if (request.method() !== 'GET' || !pathname.startsWith('/api/') || pathname.endsWith('/events')) return;
    this.byShape.set(shapeOf(url), url);
  };

  /** Shape and newest URL of each. */
  get all(): readonly (readonly [shape: string, url: string])[] {
    return [...this.byShape].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

const getBy = (url: string, key: string): BenchRequest => ({
  url,
  method: 'GET',
  headers: { authorization: `Bearer ${key}` },
});

/** The router folds and vacuums meanwhile, as it always does. */
const pauseMs = 5;

/** Sends a request so many times, one after the other. @returns milliseconds of each @throws when one is not answered with 2xx */
export const timesOf = async (url: string, key: string, times: number): Promise<number[]> => {
  const found: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const started = performance.now();
    const { status, body } = await ask(getBy(url, key));
    found.push(performance.now() - started);
    if (status < 200 || status >= 300) throw new Error(`${url}: ${status} ${body.slice(0, 200)}`);
    await wait(pauseMs);
  }
  return found;
};

/** A tenant that asks, and a word that only its rows have. */
interface Asking {
  readonly key: string;
  readonly word: string;
}

/** What an answer to a stranger has of the owner's: ids that the owner's answer has, and the owner's word. */
export const foreignIn = (stranger: string, owner: string, word: string): string[] => {
  const owned = new Set(owner.match(uuid));
  const ids = [...new Set(stranger.match(uuid))].filter((id) => owned.has(id));
  return stranger.includes(word) ? [...ids, word] : ids;
};

/**
 * Sends what one tenant's pages asked for as another one.
 * @returns what the other one got of the first, with the request that gave it
 */
export const foreignRows = async (requests: ApiRequests, owner: Asking, stranger: Asking): Promise<string[]> => {
  const found: string[] = [];
  for (const [shape, url] of requests.all) {
    const owned = await ask(getBy(url, owner.key));
    const got = await ask(getBy(url, stranger.key));
    // What was asked for comes back in the problem that there is nothing of that name.
    const isAsked = (one: string): boolean => decodeURIComponent(url).includes(one);
    const foreign = foreignIn(got.body, owned.body, owner.word).filter((one) => got.status < 300 || !isAsked(one));
    found.push(...foreign.map((one) => `${shape} gave ${one}`));
    if (owned.status >= 300) found.push(`${shape} was answered with ${owned.status} to its owner`);
    if (got.status >= 500) found.push(`${shape} was answered with ${got.status} to another tenant`);
  }
  return found;
};
