// One submission: what is written, and what is done with it: check, submit, copy.
import type { AcceptedTask, CheckedTask, OperationDescription } from '@pulser/contracts';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useMemo, useRef } from 'react';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { ErrorNote } from '../../ui/error-state.js';
import { Keys } from '../../ui/keys.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { toast } from '../../ui/toast.js';
import { datasetPlaces } from './dataset-insert.policy.js';
import { DryRun } from './dry-run.js';
import { FileDrop } from './file-drop.js';
import { problemsOf } from './payload-problems.policy.js';
import { PayloadSides } from './payload-sides.js';
import type { PayloadProblem } from './pointer.policy.js';
import { ProblemList } from './problem-list.js';
import { curlCommand, fetchCode } from './submit-code.policy.js';
import { bodyOf, isShownOption, splitProblems, type SubmissionBody } from './submission.policy.js';
import { TaskOptions } from './task-options.js';
import type { TaskTypeView } from './task-type-queries.js';
import { type Draft, forgetDraft, useDraft } from './use-draft.js';

interface SubmissionFormProps {
  readonly type: TaskTypeView;
  /** Undefined: the payload is free, because the type has no operations, or none of this name any more. */
  readonly operation: OperationDescription | undefined;
  readonly draftKey: string;
  readonly initial: () => Draft;
}

const none: readonly PayloadProblem[] = [];

/** A refusal, and the body that it is about: what was changed since is not known to be wrong. */
interface Refusal {
  readonly error: unknown;
  readonly body: SubmissionBody | undefined;
}

const refusedProblems = ({ error }: Refusal): readonly PayloadProblem[] => (isApiError(error) ? error.errors : none);

/** One key for one body: sent again after a lost answer, it submits nothing twice. */
const useAttemptKey = (): ((body: SubmissionBody, chosen: string) => string) => {
  const last = useRef<{ readonly text: string; readonly key: string }>(undefined);
  return (body, chosen) => {
    if (chosen !== '') return chosen;
    const text = JSON.stringify(body);
    if (last.current?.text !== text) last.current = { text, key: crypto.randomUUID() };
    return last.current.key;
  };
};

/** Local problems, and those of the API where there are none of the same member. */
const joined = (local: readonly PayloadProblem[], refused: readonly PayloadProblem[]): readonly PayloadProblem[] => {
  const known = new Set(local.map(({ pointer }) => pointer));
  return [...local, ...refused.filter(({ pointer }) => !known.has(pointer))];
};

/** Whether an error has to be said as a whole: none of the fields shows it, or not all of it. */
const isUnplaced = (error: unknown, options: readonly PayloadProblem[]): boolean =>
  !isApiError(error) || error.errors.length === 0 || options.some((problem) => !isShownOption(problem));

export const SubmissionForm = ({ type, operation, draftKey, initial }: SubmissionFormProps) => {
  const mayAct = useMay('operator');
  const navigate = useNavigate();
  const [draft, { writePayload, writeText, writeOptions, reset }] = useDraft(draftKey, initial);
  const { payload, options, text, fault } = draft;
  const keyOf = useAttemptKey();
  const schema = operation?.input_schema;
  const written = bodyOf({ taskType: type.task_type, payload, options });
  const body = 'body' in written ? written.body : undefined;

  const checking = useMutation({
    mutationFn: (order: SubmissionBody) => api.post<CheckedTask>('/api/v1/tasks', order, { query: { dry_run: true } }),
  });
  const submitting = useMutation({
    mutationFn: (order: SubmissionBody) =>
      api.post<AcceptedTask>('/api/v1/tasks', order, { idempotencyKey: keyOf(order, options.idempotencyKey) }),
    onSuccess: async ({ task_id: taskId }) => {
      forgetDraft(draftKey);
      toast.done('Submitted');
      await navigate({ to: '/tasks/$taskId', params: { taskId } });
    },
  });
  const refusal: Refusal | undefined =
    submitting.error !== null
      ? { error: submitting.error, body: submitting.variables }
      : checking.error !== null
        ? { error: checking.error, body: checking.variables }
        : undefined;
  const isCurrent = refusal !== undefined && JSON.stringify(refusal.body) === JSON.stringify(body);
  const later = useDeferredValue(payload);
  const local = useMemo(() => (schema === undefined ? none : problemsOf(schema, later)), [schema, later]);
  const refused = splitProblems(isCurrent ? refusedProblems(refusal) : none);
  const refusedKey = JSON.stringify(refused.payload);
  // The same list as long as it says the same: form and editor draw themselves anew for another one.
  const problems = useMemo(
    () => joined(local, JSON.parse(refusedKey) as readonly PayloadProblem[]),
    [local, refusedKey],
  );
  const optionProblems = 'problems' in written ? written.problems : refused.options;

  const check = (): void => {
    if (!mayAct || body === undefined || fault !== undefined || checking.isPending) return;
    submitting.reset();
    checking.mutate(body);
  };
  const submit = (): void => {
    if (!mayAct || body === undefined || fault !== undefined || submitting.isPending) return;
    checking.reset();
    submitting.mutate(body);
  };
  const copy = (what: string, made: (origin: string, order: SubmissionBody, key: string) => string): void => {
    if (body === undefined) return;
    void navigator.clipboard.writeText(made(location.origin, body, options.idempotencyKey)).then(() => {
      toast.done(`${what} is copied`);
    });
  };
  const copyCurl = (): void => {
    copy('The command', curlCommand);
  };
  const copyFetch = (): void => {
    copy('The code', fetchCode);
  };
  useKeys('Submit', [
    ...(mayAct
      ? [
          { keys: 'mod+enter', label: 'Submit', run: submit, inFields: true },
          { keys: 'alt+enter', label: 'Dry run', run: check, inFields: true },
        ]
      : []),
    { keys: 'shift+y', label: 'Copy as curl', run: copyCurl },
  ]);
  useCommands('This submission', [
    ...(mayAct
      ? [
          { id: 'submit', title: 'Submit this task', icon: 'submit' as const, keys: 'mod+enter', run: submit },
          { id: 'check', title: 'Dry run of this task', icon: 'check' as const, keys: 'alt+enter', run: check },
        ]
      : []),
    { id: 'curl', title: 'Copy as curl', icon: 'copy', run: copyCurl },
    { id: 'fetch', title: 'Copy as TypeScript', icon: 'copy', run: copyFetch },
    { id: 'reset', title: 'Fill in the example again', icon: 'back', run: reset },
  ]);
  const isCheckCurrent = checking.data !== undefined && JSON.stringify(checking.variables) === JSON.stringify(body);
  return (
    <>
      <PayloadSides
        schema={schema}
        payload={payload}
        text={text}
        fault={fault}
        problems={problems}
        onPayload={writePayload}
        onText={writeText}
        onReset={reset}
      />
      <ProblemList problems={problems} isRefused={isCurrent} />
      <TaskOptions
        options={options}
        problems={optionProblems}
        onChange={writeOptions}
        maxAttempts={type.max_attempts}
        isDisabled={!mayAct}
      />
      {isCheckCurrent && (
        <DryRun
          checked={checking.data}
          onClose={() => {
            checking.reset();
          }}
        />
      )}
      {isCurrent && isUnplaced(refusal.error, refused.options) && <ErrorNote error={refusal.error} />}
      <div className="submit-bar" role="group" aria-label="What to do with it">
        <FileDrop
          places={schema === undefined ? [] : datasetPlaces(schema, payload)}
          onInsert={(place, reference) => {
            writePayload(place.insert(payload, reference));
          }}
          isDisabled={!mayAct}
        />
        <Menu label="Copy" trigger={<Button icon="copy">Copy</Button>}>
          <MenuItem icon="copy" keys="shift+y" onAction={copyCurl}>
            As curl
          </MenuItem>
          <MenuItem icon="code" onAction={copyFetch}>
            As TypeScript
          </MenuItem>
        </Menu>
        {mayAct && (
          <>
            <Button
              icon="check"
              isPending={checking.isPending}
              isDisabled={body === undefined || fault !== undefined}
              onPress={check}
            >
              Dry run
            </Button>
            <Button
              kind="primary"
              icon="submit"
              isPending={submitting.isPending}
              isDisabled={body === undefined || fault !== undefined}
              onPress={submit}
            >
              Submit
            </Button>
            <span className="submit-keys">
              <Keys keys="mod+enter" />
            </span>
          </>
        )}
      </div>
    </>
  );
};
