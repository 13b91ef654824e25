// From notices to a message for people: the same words for every sink, as plain text that each escapes in its own way.
import type { IncidentNotice, Notice, Severity } from '@pulser/contracts';

/** A message before it is Slack, HTML or text. Nothing in it is markup. */
export interface Message {
  /** One line. */
  readonly subject: string;
  readonly severity: Severity;
  /** Paragraphs. */
  readonly text: readonly string[];
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly links: readonly { readonly text: string; readonly url: string }[];
}

export interface MessageOptions {
  /** Where the page is, such as https://pulser.example; without, messages hold no links. */
  readonly publicUrl?: string | undefined;
}

/** Of a subject: clients cut longer ones. */
const maxSubject = 160;
const maxText = 4_000;
const maxFacts = 10;
const maxValue = 300;

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

// Control characters would end a header or a line.
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** A text as a subject: one line, of bounded length. */
export const subjectOf = (text: string): string => cut(oneLine(text).toWellFormed(), maxSubject);

const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(textOf).join('; ');
  return typeof value === 'string' ? value : JSON.stringify(value);
};

// Values that are read at a glance; the page has the rest.
const factsOf = (detail: Readonly<Record<string, unknown>>): [string, string][] =>
  Object.entries(detail)
    .slice(0, maxFacts)
    .map(([name, value]) => [name.replaceAll('_', ' '), cut(oneLine(textOf(value)), maxValue)]);

const changeWords: Readonly<Record<IncidentNotice['change'], string>> = {
  opened: 'New',
  raised: 'Worse',
  lowered: 'Better',
  reopened: 'Again',
  flapping: 'Up and down',
  escalated: 'Nobody has acknowledged it',
  resolved: 'Resolved',
  acknowledged: 'Acknowledged',
  silenced: 'Silenced',
  unsilenced: 'No longer silenced',
};

const severityWords: Readonly<Record<Severity, string>> = { info: 'info', warning: 'warning', critical: 'CRITICAL' };

const pageOf = (path: string, { publicUrl }: MessageOptions, text: string): Message['links'] =>
  publicUrl === undefined ? [] : [{ text, url: `${publicUrl}/ui/${path}` }];

const incidentMessage = (incident: IncidentNotice, options: MessageOptions): Message => {
  const { change, severity, summary, subject, opened_at: openedAt, at, flaps } = incident;
  const isOver = change === 'resolved';
  const more =
    change === 'flapping'
      ? [`It came back ${flaps} times. No further message tells of it until it has been over for five minutes.`]
      : [];
  return {
    subject: subjectOf(`[${isOver ? 'resolved' : severityWords[severity]}] ${summary}`),
    severity: isOver ? 'info' : severity,
    text: [`${changeWords[change]}: ${cut(summary, maxText)}`, ...more],
    facts: [
      ['about', subject],
      ['severity', severity],
      ['since', openedAt],
      ...(isOver ? [['over', at] as const] : []),
      ...factsOf(incident.detail),
    ],
    links: pageOf(`incidents?open=${incident.incident_id}`, options, 'Open the incident'),
  };
};

const groupMessage = (incidents: readonly IncidentNotice[], options: MessageOptions): Message => {
  const over = incidents.every(({ change }) => change === 'resolved');
  const worst = incidents.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning';
  const listed = incidents.map(
    ({ change, severity, summary }) => `${changeWords[change]} (${severity}): ${cut(oneLine(summary), maxValue)}`,
  );
  const shown = listed.slice(0, 50);
  const left = listed.length - shown.length;
  return {
    subject: subjectOf(
      over
        ? `[resolved] ${incidents.length} incidents`
        : `[${severityWords[worst]}] ${incidents.length} incidents at once`,
    ),
    severity: over ? 'info' : worst,
    text: [...shown, ...(left > 0 ? [`and ${left} more`] : [])],
    facts: [],
    links: pageOf('incidents', options, 'Open the incidents'),
  };
};

const artifactLinks = (
  artifacts: readonly { readonly task_id: string; readonly name: string }[],
  { publicUrl }: MessageOptions,
): Message['links'] =>
  publicUrl === undefined
    ? []
    : artifacts.map(({ task_id: taskId, name }) => ({
        text: name,
        url: `${publicUrl}/api/v1/tasks/${taskId}/artifacts/${encodeURIComponent(name)}`,
      }));

const listed = (artifacts: readonly { readonly name: string }[]): string =>
  cut(oneLine(artifacts.map(({ name }) => name).join(', ')), maxValue);

const grouped = (code: string): string => (code.match(/.{1,5}/g) ?? []).join('-');

const single = (notice: Notice, options: MessageOptions): Message => {
  const plain = { severity: 'info', facts: [], links: [] } as const;
  switch (notice.kind) {
    case 'incident':
      return incidentMessage(notice.content, options);
    case 'task_end': {
      const { task_id: taskId, task_type: type, operation, schedule, status, error, at, artifacts } = notice.content;
      const what = [type, ...(operation === undefined ? [] : [operation])].join(' ');
      return {
        subject: subjectOf(`Task ${status}: ${what}${schedule === undefined ? '' : ` (${schedule})`}`),
        severity: status === 'failed' ? 'warning' : 'info',
        text:
          error === undefined ? [`The task has ${status === 'failed' ? 'failed' : 'ended'}.`] : [cut(error, maxText)],
        facts: [
          ['task', taskId],
          ['type', what],
          ...(schedule === undefined ? [] : [['schedule', schedule] as const]),
          ['at', at],
          ...(artifacts.length === 0 ? [] : [['files', listed(artifacts)] as const]),
        ],
        links: [...pageOf(`tasks/${taskId}`, options, 'Open the task'), ...artifactLinks(artifacts, options)],
      };
    }
    case 'approval': {
      const { approval_id: id, task_id: taskId, title, text, needed, expires_at: expiresAt, link } = notice.content;
      return {
        ...plain,
        subject: subjectOf(`Approval wanted: ${title}`),
        text: [cut(title, maxText), cut(text, maxText)],
        facts: [
          ...(taskId === null ? [] : [['task', taskId] as const]),
          ['persons that must approve', String(needed)],
          ['counts as denied', expiresAt],
        ],
        // It opens the page, which asks who it is: nothing is decided by a link.
        links: pageOf(`approvals?open=${id}&link=${link}`, options, 'Look at it and decide'),
      };
    }
    case 'report': {
      const { title, text, artifacts } = notice.content;
      return {
        ...plain,
        subject: subjectOf(title),
        text: cut(text, maxText).split(/\n{2,}/),
        links: artifactLinks(artifacts, options),
      };
    }
    case 'confirmation': {
      const { destination, by, code } = notice.content;
      return {
        ...plain,
        subject: subjectOf(`Confirm that Pulser may send messages here (${destination})`),
        text: [
          `${by} wants Pulser to send messages of the destination "${destination}" here.`,
          'If that is all right, confirm it with the code below within 24 hours. Otherwise ignore this: nothing more will come.',
        ],
        facts: [['code', grouped(code)]],
        links: pageOf(`confirm?code=${code}`, options, 'Confirm'),
      };
    }
    case 'test': {
      const { destination, by } = notice.content;
      return { ...plain, subject: subjectOf(`Test of ${destination}`), text: [`${by} has tested this destination.`] };
    }
    default: {
      const none: never = notice;
      return none;
    }
  }
};

/**
 * The message of one notice, or of several incidents that travel in one.
 * @param notices one at least; several are all incidents
 */
export const messageOf = (notices: readonly [Notice, ...Notice[]], options: MessageOptions = {}): Message => {
  const incidents = notices.flatMap((notice) => (notice.kind === 'incident' ? [notice.content] : []));
  return notices.length > 1 && incidents.length === notices.length
    ? groupMessage(incidents, options)
    : single(notices[0], options);
};
