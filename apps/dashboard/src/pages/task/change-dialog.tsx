import type { Priority, TaskView } from '@pulser/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { priorities } from '../../api/task-states.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote, Note } from '../../ui/error-state.js';
import { Select, TextField } from '../../ui/fields.js';
import { toast } from '../../ui/toast.js';
import { changesOf, localTime } from './task-change.policy.js';
import { taskQuery } from './task-queries.js';

interface ChangeDialogProps {
  readonly task: TaskView;
  readonly etag: string | null;
  readonly onClose: () => void;
}

/** Changes what a task that waits may still have changed: its priority, its start, its deadline. */
export const ChangeDialog = ({ task, etag, onClose }: ChangeDialogProps) => {
  const client = useQueryClient();
  const [priority, setPriority] = useState<Priority>(task.priority);
  const [runAt, setRunAt] = useState(localTime(task.timings.run_at));
  const [deadline, setDeadline] = useState(localTime(task.timings.deadline_at));
  const changes = changesOf(task, { priority, runAt, deadline });
  const { queryKey } = taskQuery(task.task_id);
  const save = useMutation({
    mutationFn: () => api.patch<TaskView>(`/api/v1/tasks/${task.task_id}`, changes, { ifMatch: etag ?? undefined }),
    onSuccess: () => {
      toast.done('The task is changed');
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  const wasFaster = isApiError(save.error) && save.error.status === 412;
  return (
    <Dialog
      title="Change this task"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Keep as it is</Button>
          <Button
            kind="primary"
            isPending={save.isPending}
            isDisabled={Object.keys(changes).length === 0}
            onPress={() => {
              save.mutate();
            }}
          >
            Save
          </Button>
        </>
      }
    >
      <Select
        label="Priority"
        value={priority}
        onChange={setPriority}
        options={priorities.map((id) => ({ id, text: id }))}
      />
      <TextField
        label="Start not before"
        type="datetime-local"
        value={runAt}
        onChange={setRunAt}
        hint="In the time of this machine. Empty: as soon as an agent is free."
      />
      <TextField
        label="Must have ended by"
        type="datetime-local"
        value={deadline}
        onChange={setDeadline}
        hint="Then it fails with deadline_exceeded. Empty: no deadline."
      />
      {wasFaster && <Note kind="warn">The task has changed meanwhile. Close this, look at it, and try again.</Note>}
      {save.error !== null && !wasFaster && <ErrorNote error={save.error} />}
    </Dialog>
  );
};
