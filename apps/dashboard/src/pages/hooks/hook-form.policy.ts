// What is written in the form of a hook, and the order that it makes. Texts stay as they are: the API says what is wrong with
// them.
import type { HookCause, HookRefusalReason, HookView } from '@pulser/contracts';

export interface HookForm {
  readonly name: string;
  readonly kind: HookCause['kind'];
  readonly secret: string;
  readonly agent: string;
  /** Of the task that failed. */
  readonly failedType: string;
  readonly operation: string;
  readonly code: string;
  readonly dataset: string;
  readonly taskType: string;
  readonly payload: string;
  readonly map: string;
  readonly enabled: boolean;
}

export const emptyForm: HookForm = {
  name: '',
  kind: 'request',
  secret: '',
  agent: '',
  failedType: '',
  operation: '',
  code: '',
  dataset: '',
  taskType: 'orchestration',
  payload: '{\n  "operation": "run",\n  "workflow": "",\n  "inputs": {}\n}',
  map: '[]',
  enabled: true,
};

const given = (members: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(members).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, text.trim()]])),
  );

const causeOf = ({ kind, secret, agent, failedType, operation, code, dataset }: HookForm): object => {
  switch (kind) {
    case 'request':
      return { kind, secret: secret.trim() };
    case 'task.failed':
      return { kind, ...given({ agent, task_type: failedType, operation, code }) };
    case 'dataset.version':
      return { kind, ...given({ dataset }) };
  }
};

/** What is written as it is sent, with what of the hook the form does not show. @throws SyntaxError for what is no JSON */
export const orderOf = (form: HookForm, shown?: HookView): object => ({
  ...(shown !== undefined && shown.description !== null && { description: shown.description }),
  on: causeOf(form),
  task: { ...shown?.task, task_type: form.taskType.trim(), payload: JSON.parse(form.payload) as unknown },
  map: JSON.parse(form.map) as unknown,
  enabled: form.enabled,
});

/** A hook as the form shows it. */
export const formOf = ({ name, on, task, map, enabled }: HookView): HookForm => {
  const failed = on.kind === 'task.failed' ? on : undefined;
  return {
    name,
    kind: on.kind,
    secret: on.kind === 'request' ? on.secret : '',
    agent: failed?.agent ?? '',
    failedType: failed?.task_type ?? '',
    operation: failed?.operation ?? '',
    code: failed?.code ?? '',
    dataset: on.kind === 'dataset.version' ? (on.dataset ?? '') : '',
    taskType: task.task_type,
    payload: JSON.stringify(task.payload, undefined, 2),
    map: JSON.stringify(map, undefined, 2),
    enabled,
  };
};

/** Why a hook became no task; the detail beside it says more. */
export const refusalTexts: Readonly<Record<HookRefusalReason, string>> = {
  rights: 'rights of its author',
  secret: 'no such secret',
  body: 'body does not fit',
  loop: 'fired by itself',
  queue_full: 'queue full',
  daily_quota_spent: 'quota spent',
  invalid_payload: 'payload does not fit',
  task_type_not_served: 'type not served',
  unknown_destination: 'no such destination',
  error: 'failed here',
};

/** What a hook waits for, in a few words. */
export const causeText = (on: HookCause): string => {
  switch (on.kind) {
    case 'request':
      return `a request signed with ${on.secret}`;
    case 'task.failed': {
      const { agent, task_type: type, operation, code } = on;
      const which = [type, operation].filter((text) => text !== undefined).join(': ');
      return [
        which === '' ? 'a task that fails' : `a failed ${which}`,
        ...(agent === undefined ? [] : [`of ${agent}`]),
        ...(code === undefined ? [] : [`with ${code}`]),
      ].join(' ');
    }
    case 'dataset.version':
      return `a new version of ${on.dataset ?? 'any dataset'}`;
  }
};
