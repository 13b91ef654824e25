import type { TaskView } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { hasEnded } from '../../api/task-states.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { useMay } from '../../session/session.js';
import { Button, IconButton } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.js';
import { toast } from '../../ui/toast.js';
import { ChangeDialog } from './change-dialog.js';
import { curlOf } from './curl.policy.js';
import { deadLetterQuery } from './related-tasks.js';

interface TaskActionsProps {
  readonly task: TaskView;
  readonly etag: string | null;
}

const waits = (task: TaskView): boolean => ['scheduled', 'queued', 'retrying'].includes(task.status);

/** What can be done to a task in its state, by button, key and palette. */
export const TaskActions = ({ task, etag }: TaskActionsProps) => {
  const { task_id: id } = task;
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayAct = useMay('operator');
  const [asks, setAsks] = useState<'cancel' | 'change'>();
  const deadLetter = useQuery({ ...deadLetterQuery(id), enabled: task.status === 'failed' });
  const letter = deadLetter.data ?? undefined;

  const cancel = async (): Promise<void> => {
    await api.post(`/api/v1/tasks/${id}/cancel`);
    await client.invalidateQueries({ queryKey: ['task', id] });
    toast.done('The task is cancelled');
  };
  const replay = async (): Promise<void> => {
    if (letter === undefined) return;
    try {
      const { task_id } = await api.post<{ task_id: string }>(`/api/v1/dead-letters/${letter.dead_letter_id}/replay`);
      toast.done('Submitted once more');
      await navigate({ to: '/tasks/$taskId', params: { taskId: task_id } });
    } catch (error) {
      toast.failed('Not replayed', error);
    }
  };
  const copy = (what: string, text: string): void => {
    void navigator.clipboard.writeText(text).then(() => {
      toast.done(`${what} is copied`);
    });
  };
  const copyCurl = (): void => {
    copy('The command', curlOf(location.origin, task));
  };

  const submitAgain = (): void => {
    void navigate({ to: '/submit', search: { from: id } });
  };

  const canCancel = mayAct && !hasEnded(task);
  const canReplay = mayAct && letter?.state === 'open';
  const canChange = mayAct && waits(task);
  useKeys('Task', [
    ...(canCancel
      ? [
          {
            keys: 'shift+c',
            label: 'Cancel this task',
            run: () => {
              setAsks('cancel');
            },
          },
        ]
      : []),
    ...(canReplay ? [{ keys: 'shift+r', label: 'Replay this task', run: () => void replay() }] : []),
    ...(canReplay
      ? [
          {
            keys: 'e',
            label: 'Edit and replay',
            run: () => {
              edit();
            },
          },
        ]
      : []),
    ...(canChange
      ? [
          {
            keys: 'e',
            label: 'Change priority, start or deadline',
            run: () => {
              setAsks('change');
            },
          },
        ]
      : []),
    ...(mayAct ? [{ keys: 'shift+s', label: 'Submit again with changes', run: submitAgain }] : []),
    { keys: 'shift+y', label: 'Copy as curl', run: copyCurl },
  ]);
  useCommands('This task', [
    ...(mayAct
      ? [
          {
            id: 'again',
            title: 'Submit this task again with changes',
            icon: 'submit' as const,
            keys: 'shift+s',
            run: submitAgain,
          },
        ]
      : []),
    { id: 'curl', title: 'Copy this task as curl', icon: 'copy', run: copyCurl },
    {
      id: 'id',
      title: 'Copy the id of this task',
      icon: 'copy',
      run: () => {
        copy('The id', id);
      },
    },
    ...(canCancel
      ? [
          {
            id: 'cancel',
            title: 'Cancel this task',
            icon: 'slash' as const,
            run: () => {
              setAsks('cancel');
            },
          },
        ]
      : []),
    ...(canReplay
      ? [{ id: 'replay', title: 'Replay this task', icon: 'replay' as const, run: () => void replay() }]
      : []),
  ]);
  const edit = (): void => {
    if (letter !== undefined) void navigate({ href: `/dead-letters/${letter.dead_letter_id}` });
  };
  return (
    <>
      {canChange && (
        <Button
          icon="edit"
          onPress={() => {
            setAsks('change');
          }}
        >
          Change
        </Button>
      )}
      {canReplay && (
        <Button icon="edit" onPress={edit}>
          Edit and replay
        </Button>
      )}
      {canReplay && (
        <Button kind="primary" icon="replay" onPress={() => void replay()}>
          Replay
        </Button>
      )}
      {canCancel && (
        <Button
          icon="slash"
          onPress={() => {
            setAsks('cancel');
          }}
        >
          Cancel
        </Button>
      )}
      <Menu label="More" trigger={<IconButton icon="dots" label="More actions" />}>
        {mayAct && (
          <MenuItem icon="submit" keys="shift+s" onAction={submitAgain}>
            Submit again with changes
          </MenuItem>
        )}
        <MenuItem icon="copy" keys="shift+y" onAction={copyCurl}>
          Copy as curl
        </MenuItem>
        <MenuItem
          icon="copy"
          onAction={() => {
            copy('The id', id);
          }}
        >
          Copy the id
        </MenuItem>
        <MenuItem
          icon="copy"
          onAction={() => {
            copy('The link', location.href);
          }}
        >
          Copy the link
        </MenuItem>
        <MenuLine />
        <MenuItem icon="external" href={`/api/v1/tasks/${id}`}>
          As the API shows it
        </MenuItem>
      </Menu>
      <Confirm
        isOpen={asks === 'cancel'}
        title="Cancel 1 task?"
        verb="Cancel 1 task"
        isDanger
        onConfirm={cancel}
        onClose={() => {
          setAsks(undefined);
        }}
      >
        It ends, and with it the tasks that it started. This cannot be undone.
      </Confirm>
      {asks === 'change' && (
        <ChangeDialog
          task={task}
          etag={etag}
          onClose={() => {
            setAsks(undefined);
          }}
        />
      )}
    </>
  );
};
