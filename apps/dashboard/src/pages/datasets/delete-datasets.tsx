import type { DatasetSummary } from '@pulser/contracts';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { Confirm } from '../../ui/dialog.js';
import { bytes, counted } from '../../ui/numbers.policy.js';
import { Progress } from '../../ui/progress.js';
import { toast } from '../../ui/toast.js';

interface DeleteDatasetsProps {
  readonly datasets: readonly Pick<DatasetSummary, 'name' | 'versions' | 'bytes'>[];
  readonly onClose: () => void;
  /** Called also when only some are gone. @param gone how many of them */
  readonly onDone: (gone: number) => void;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** One that somebody else deleted meanwhile is deleted too. */
const drop = async (name: string): Promise<void> => {
  try {
    await api.delete(`/api/v1/datasets/${name}`);
  } catch (error) {
    if (!isApiError(error, 'not_found')) throw error;
  }
};

/** Deletes whole datasets after it has said how many versions and bytes they are. */
export const DeleteDatasets = ({ datasets, onClose, onDone }: DeleteDatasetsProps) => {
  // As they were when it was asked: the list behind it loses those that are gone.
  const [asked] = useState(datasets);
  const [done, setDone] = useState(0);
  const what = counted(asked.length, 'dataset');
  const remove = async (): Promise<void> => {
    let gone = 0;
    try {
      for (const { name } of asked) {
        await drop(name);
        gone += 1;
        setDone(gone);
      }
      toast.done(`${what} deleted`);
    } finally {
      onDone(gone);
    }
  };
  return (
    <Confirm isOpen title={`Delete ${what}?`} verb={`Delete ${what}`} isDanger onConfirm={remove} onClose={onClose}>
      <p>
        {asked
          .slice(0, 8)
          .map(({ name }) => name)
          .join(', ')}
        {asked.length > 8 && ` and ${counted(asked.length - 8, 'more', 'more')}`}: with all their{' '}
        {counted(sum(asked.map(({ versions }) => versions)), 'version')}, {bytes(sum(asked.map((one) => one.bytes)))}{' '}
        together. This cannot be undone. What tasks made of them stays.
      </p>
      {done > 0 && asked.length > 1 && (
        <Progress label="Deleting" done={done} total={asked.length}>
          {counted(done, 'dataset')} deleted
        </Progress>
      )}
    </Confirm>
  );
};
