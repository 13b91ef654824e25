import './submit.css';

import type { OperationDescription } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { useCommands } from '../../app/commands.js';
import { useCaller, useMay } from '../../session/session.js';
import { AgentAvatar } from '../../ui/agent.js';
import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { Page } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { taskQuery } from '../task/task-queries.js';
import { OperationList } from './operation-list.js';
import { SubmissionForm } from './submission-form.js';
import { objectOf, writtenOf } from './submission.policy.js';
import { taskTypesQuery, type TaskTypeView } from './task-type-queries.js';
import { draftOf } from './use-draft.js';

export const SubmitPage = () => {
  const { from, ...search } = useSearch({ from: '/frame/submit' });
  const navigate = useNavigate();
  const caller = useCaller();
  const { data, error, refetch } = useQuery(taskTypesQuery);
  const allowed = caller?.allowed_task_types ?? null;
  const types = (data?.task_types ?? []).filter(({ task_type }) => allowed === null || allowed.includes(task_type));
  useCommands(
    'Submit',
    types.flatMap(({ task_type, operations }) =>
      operations.map(({ operation, summary }) => ({
        id: `${task_type} ${operation}`,
        title: `Submit ${operation}`,
        hint: task_type,
        icon: 'submit' as const,
        words: `${task_type} ${summary}`,
        run: () => {
          void navigate({ to: '/submit', search: { task_type, operation } });
        },
      })),
    ),
  );
  if (data === undefined) {
    return (
      <Page title="Submit">
        {error === null ? <Skeleton width="100%" /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  }
  if (from !== undefined) return <FromTask id={from} types={types} />;
  const type = types.find(({ task_type }) => task_type === search.task_type);
  const operation = type?.operations.find((one) => one.operation === search.operation);
  if (type !== undefined && (operation !== undefined || type.operations.length === 0)) {
    const draftKey = [type.task_type, operation?.operation, search.payload].filter(Boolean).join(' ');
    return <Chosen key={draftKey} draftKey={draftKey} type={type} operation={operation} payload={search.payload} />;
  }
  return (
    <Page title="Submit" intro="Choose what is to be done. The form that follows is filled with an example that works.">
      <MayNot />
      {search.task_type !== undefined && (
        <Note kind="warn" icon="alert">
          Nothing is registered as <code>{[search.task_type, search.operation].filter(Boolean).join(' ')}</code>, or
          your key may not submit it. These can be submitted:
        </Note>
      )}
      {types.length === 0 ? (
        <EmptyState icon="agents" title="No agent has registered an operation yet" command="npm start">
          Agents say what they can do when they start. This page shows it as soon as one has.
        </EmptyState>
      ) : (
        <OperationList types={types} />
      )}
    </Page>
  );
};

/** Said first, so that nobody writes for nothing. */
const MayNot = () => {
  const mayAct = useMay('operator');
  const caller = useCaller();
  if (mayAct || caller === undefined) return null;
  return (
    <Note kind="warn" icon="info">
      The role {caller.role} may look at this, but not submit. Ask an administrator for the role operator.
    </Note>
  );
};

interface FramedProps {
  readonly type: TaskTypeView;
  readonly operation: OperationDescription | undefined;
  readonly children: React.ReactNode;
}

interface ChosenProps extends Omit<FramedProps, 'children'> {
  readonly draftKey: string;
  /** JSON of an object that fills the form; the example does without it, or when it is none. */
  readonly payload: string | undefined;
}

const Chosen = ({ type, operation, draftKey, payload }: ChosenProps) => {
  const given = payload === undefined ? undefined : objectOf(payload);
  const filled = given !== undefined && 'value' in given ? given.value : (operation?.example ?? {});
  return (
    <Framed type={type} operation={operation}>
      <SubmissionForm type={type} operation={operation} draftKey={draftKey} initial={() => draftOf(filled)} />
    </Framed>
  );
};

const Framed = ({ type, operation, children }: FramedProps) => {
  const navigate = useNavigate();
  return (
    <Page
      title="Submit"
      aside={
        <span className="submit-what">
          <AgentAvatar agent={type.agent} size={22} />
          <strong>{operation?.operation ?? type.task_type}</strong>
          <span className="muted truncate">
            {type.task_type} by {type.agent}
          </span>
        </span>
      }
      intro={operation?.summary}
      actions={
        <Button
          icon="back"
          kind="quiet"
          onPress={() => {
            void navigate({ to: '/submit', search: {} });
          }}
        >
          Other operation
        </Button>
      }
    >
      <MayNot />
      {children}
    </Page>
  );
};

/** Filled from a task, to be changed and submitted again. */
const FromTask = ({ id, types }: { readonly id: string; readonly types: readonly TaskTypeView[] }) => {
  const { data, error, refetch } = useQuery(taskQuery(id));
  if (data === undefined) {
    return (
      <Page title="Submit">
        {error === null ? <Skeleton width="100%" /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  }
  const { task } = data;
  const type = types.find(({ task_type }) => task_type === task.task_type);
  if (type === undefined) {
    return (
      <Page title="Submit">
        <EmptyState icon="agents" title={`No agent serves ${task.task_type} now`}>
          The task was submitted when one did. Start the agent, or choose another operation.
        </EmptyState>
      </Page>
    );
  }
  const operation = type.operations.find((one) => one.operation === task.operation);
  const { payload, options } = writtenOf(task);
  return (
    <Framed type={type} operation={operation}>
      <Note icon="replay">
        Filled from the task <code>{id}</code>. What you submit is a new task; its start, deadline and idempotency key
        are not taken over.
      </Note>
      <SubmissionForm
        key={id}
        type={type}
        operation={operation}
        draftKey={`from ${id}`}
        initial={() => draftOf(payload, options)}
      />
    </Framed>
  );
};
