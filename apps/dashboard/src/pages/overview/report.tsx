// The overview as a file: a task of dash makes it, for the same time, and it is here when it is done.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { hasEnded } from '../../api/task-states.js';
import { PlaceLink } from '../../app/place-link.js';
import { useTaskChanges } from '../../live/use-live.js';
import { useMay } from '../../session/session.js';
import { beginOf, type Range } from '../../telemetry/range.policy.js';
import { Button } from '../../ui/button.js';
import { ErrorNote, Note } from '../../ui/error-state.js';
import { toast } from '../../ui/toast.js';
import { taskQuery } from '../task/task-queries.js';

const submit = (range: Range): Promise<{ task_id: string }> => {
  const now = Date.now();
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const payload = {
    operation: 'telemetry_report',
    ...{ from: beginOf(range, now), to: new Date(now).toISOString(), time_zone: timeZone },
  };
  return api.post('/api/v1/tasks', { task_type: 'analytics', payload }, { idempotencyKey: crypto.randomUUID() });
};

interface ReportProps {
  readonly range: Range;
  readonly onSubmitted: (taskId: string) => void;
}

/** Submits the report; only operators may submit tasks. */
export const useReport = ({ range, onSubmitted }: ReportProps) => {
  const order = useMutation({
    mutationFn: () => submit(range),
    onSuccess: ({ task_id: id }) => {
      onSubmitted(id);
    },
    onError: (error) => {
      toast.failed('The report is not submitted', error);
    },
  });
  return {
    mayAct: useMay('operator'),
    isPending: order.isPending,
    make: () => {
      if (!order.isPending) order.mutate();
    },
  };
};

interface ReportNoteProps {
  readonly taskId: string;
  readonly onClose: () => void;
}

/** How far the report is, and its file. */
export const ReportNote = ({ taskId, onClose }: ReportNoteProps) => {
  const client = useQueryClient();
  const { data, error } = useQuery(taskQuery(taskId));
  useTaskChanges((changes) => {
    if (changes.some(({ task_id: id }) => id === taskId))
      void client.invalidateQueries({ queryKey: taskQuery(taskId).queryKey, exact: true });
  });
  if (data === undefined) return error === null ? null : <ErrorNote error={error} />;
  const { task } = data;
  const link = <PlaceLink place={`/tasks/${taskId}`}>its task</PlaceLink>;
  const close = (
    <Button size="s" kind="quiet" onPress={onClose}>
      Close
    </Button>
  );
  if (!hasEnded(task)) {
    return (
      <Note icon="running">
        <span className="cluster">
          <span>The report is being made: see {link}.</span>
          {close}
        </span>
      </Note>
    );
  }
  const file = task.artifacts.find(({ name }) => name === 'report.pdf');
  if (file === undefined) {
    return (
      <Note kind="bad" icon="alert">
        <span className="cluster">
          <span>
            There is no report: {task.error?.message ?? `the task is ${task.status}`}. See {link}.
          </span>
          {close}
        </span>
      </Note>
    );
  }
  return (
    <Note kind="ok" icon="success">
      <span className="cluster">
        <span>The report is made by {link}.</span>
        <a className="button button-plain button-s" href={file.href} download="report.pdf">
          Download report.pdf
        </a>
        {close}
      </span>
    </Note>
  );
};
