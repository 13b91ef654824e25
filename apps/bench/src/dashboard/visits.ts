// Every page of the dashboard, and when its content is there.
import type { SeededContent } from './seed-content.js';

/** A place in the page. */
export interface Visit {
  readonly name: string;
  /** Below /ui. */
  readonly place: string;
  /** CSS selector of what is content there and not frame; at least so many of it are shown. */
  readonly content: string;
  readonly least?: number;
  /** Whether it is looked at while changes stream in, too. */
  readonly isLive?: boolean;
}

const row = '.vtable-row';

/** All of them for a tenant with this content. */
export const visitsOf = ({ eventful, rich, deadLetter, dataset, memory }: SeededContent): readonly Visit[] => [
  { name: 'overview', place: '/', content: '.uplot canvas', least: 3, isLive: true },
  { name: 'overview, 1 h', place: '/?range=1h', content: '.uplot canvas', least: 3 },
  { name: 'overview, 7 d', place: '/?range=7d', content: '.uplot canvas', least: 3 },
  { name: 'overview, 30 d', place: '/?range=30d', content: '.uplot canvas', least: 3 },
  { name: 'tasks', place: '/tasks', content: row, least: 10, isLive: true },
  { name: 'tasks, completed', place: '/tasks?status=completed', content: row, least: 10 },
  { name: 'tasks, failed of an agent', place: '/tasks?status=failed&agent=dash', content: row, least: 3 },
  { name: 'tasks, by text', place: '/tasks?q=customer-1', content: row, least: 3 },
  { name: 'task', place: `/tasks/${rich}`, content: 'main dl' },
  { name: 'task: trace', place: `/tasks/${rich}?tab=trace`, content: '[role="tabpanel"]' },
  { name: 'task: related', place: `/tasks/${rich}?tab=related`, content: '[role="tabpanel"] a' },
  { name: 'task with very many events', place: `/tasks/${eventful}?tab=events`, content: row, least: 5 },
  { name: 'submit', place: '/submit', content: '.operation', least: 20 },
  {
    name: 'submit: the form',
    place: '/submit?task_type=analytics&operation=operation_1',
    content: 'main input',
    least: 3,
  },
  { name: 'dead letters', place: '/dead-letters', content: '.letter-groups > *' },
  { name: 'dead letter', place: `/dead-letters/${deadLetter}`, content: 'main dl' },
  { name: 'agents', place: '/agents', content: row, least: 5 },
  { name: 'agent', place: '/agents/dash', content: '.uplot canvas' },
  { name: 'agent, 30 d', place: '/agents/dash?range=30d', content: '.uplot canvas' },
  { name: 'datasets', place: '/datasets', content: row, least: 5 },
  { name: 'dataset', place: `/datasets/${dataset}`, content: row, least: 5 },
  { name: 'memory', place: '/memory', content: row, least: 5 },
  { name: 'a memory', place: `/memory/${memory}`, content: '.memory-content' },
  { name: 'settings', place: '/settings', content: '.settings > *' },
  { name: 'audit', place: '/audit', content: row, least: 5 },
  { name: 'keys', place: '/keys', content: row, least: 5 },
  { name: 'secrets', place: '/secrets', content: row, least: 3 },
];
