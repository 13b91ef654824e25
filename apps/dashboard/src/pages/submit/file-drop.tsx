// A file that is dropped on the page, or chosen, becomes a dataset that the payload can name.
import type { AcceptedIngest, DatasetView } from '@pulser/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { api } from '../../api/client.js';
import { PlaceLink } from '../../app/place-link.js';
import { sendDataset } from '../../datasets/send-file.js';
import { acceptedFiles, datasetNameOf, formatOf, isReadable, nameFault } from '../../datasets/upload-plan.policy.js';
import { useTaskChanges } from '../../live/use-live.js';
import { Button } from '../../ui/button.js';
import { CopyButton } from '../../ui/code-block.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote, Note } from '../../ui/error-state.js';
import { TextField } from '../../ui/fields.js';
import { bytes, counted } from '../../ui/numbers.policy.js';
import { Progress } from '../../ui/progress.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { toast } from '../../ui/toast.js';
import { taskQuery } from '../task/task-queries.js';
import type { DatasetPlace } from './dataset-insert.policy.js';

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;

/** Hears files that are dropped anywhere on the page. @returns whether one is held over it */
const useDrop = (onFile: (file: File) => void, isOn: boolean): boolean => {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onFile);
  useEffect(() => {
    latest.current = onFile;
  });
  useEffect(() => {
    if (!isOn) return undefined;
    const over = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      // Without a related target the pointer has left the window.
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      setOver(false);
      const files = event.dataTransfer?.files;
      const [file] = files ?? [];
      if (file === undefined) return;
      event.preventDefault();
      if (files !== undefined && files.length > 1)
        toast.failed('One file at a time', new Error('The first one is taken'));
      latest.current(file);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, [isOn]);
  return isOver;
};

interface FileDropProps {
  readonly places: readonly DatasetPlace[];
  /** Puts the reference there. */
  readonly onInsert: (place: DatasetPlace, reference: string) => void;
  readonly isDisabled: boolean;
}

/** The button that asks for a file, and what a dropped one leads to. */
export const FileDrop = ({ places, onInsert, isDisabled }: FileDropProps) => {
  const [file, setFile] = useState<File>();
  const input = useRef<HTMLInputElement>(null);
  const isOver = useDrop(setFile, !isDisabled);
  const close = (): void => {
    setFile(undefined);
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept={acceptedFiles.join(',')}
        onChange={({ target }) => {
          const [chosen] = target.files ?? [];
          if (chosen !== undefined) setFile(chosen);
          // The same one may be chosen again.
          target.value = '';
        }}
      />
      <Button icon="upload" isDisabled={isDisabled} onPress={() => input.current?.click()}>
        Send a file
      </Button>
      {isOver && (
        <div className="drop-here" aria-hidden="true">
          <p>Drop it to keep it as a dataset</p>
        </div>
      )}
      {file !== undefined && (
        <SendDialog
          key={`${file.name} ${String(file.lastModified)}`}
          file={file}
          places={places}
          onInsert={onInsert}
          onClose={close}
        />
      )}
    </>
  );
};

interface SendDialogProps extends Pick<FileDropProps, 'places' | 'onInsert'> {
  readonly file: File;
  readonly onClose: () => void;
}

const SendDialog = ({ file, places, onInsert, onClose }: SendDialogProps) => {
  const [name, setName] = useState(datasetNameOf(file.name) || 'data');
  const [sent, setSent] = useState(0);
  const abort = useRef(new AbortController());
  useEffect(
    () => () => {
      abort.current.abort();
    },
    [],
  );
  const send = useMutation({
    mutationFn: () => {
      abort.current = new AbortController();
      setSent(0);
      const progress = { onRead: () => undefined, onSent: setSent };
      return sendDataset({ file, dataset: name, format: formatOf(file.name) }, progress, abort.current.signal);
    },
  });
  const fault = nameFault(name);
  const isStopped = send.error instanceof DOMException;
  if (send.data !== undefined) return <Kept {...{ ingest: send.data, places, onInsert, onClose }} />;
  return (
    <Dialog
      title="Keep a file as a dataset"
      isOpen
      onClose={onClose}
      actions={
        <>
          {send.isPending ? (
            <Button
              onPress={() => {
                abort.current.abort();
              }}
            >
              Stop
            </Button>
          ) : (
            <Button onPress={onClose}>Not now</Button>
          )}
          <Button
            kind="primary"
            icon="upload"
            isPending={send.isPending}
            isDisabled={fault !== undefined}
            onPress={() => {
              send.mutate();
            }}
          >
            {`Send ${bytes(file.size)}`}
          </Button>
        </>
      }
    >
      <p className="muted">
        {file.name} becomes the next version of the dataset. Tasks name it <code>{`dataset:${name}`}</code>.
      </p>
      <TextField
        label="Name of the dataset"
        value={name}
        onChange={setName}
        isDisabled={send.isPending}
        autoFocus
        error={fault}
      />
      {!isReadable(file.name) && (
        <Note kind="warn" icon="alert">
          Its name does not end as those of CSV, JSON, NDJSON, XLSX or Parquet do. It can be sent; the task that reads
          it says whether it can be read.
        </Note>
      )}
      {send.isPending && (
        <Progress label="Sending" done={sent} total={Math.max(1, file.size)}>
          {`${bytes(sent)} of ${bytes(file.size)}`}
        </Progress>
      )}
      {send.error !== null && !isStopped && <ErrorNote error={send.error} />}
      {isStopped && <Note>Stopped. Sent again, it goes on where it stopped.</Note>}
    </Dialog>
  );
};

interface KeptProps extends Pick<SendDialogProps, 'places' | 'onInsert' | 'onClose'> {
  readonly ingest: AcceptedIngest;
}

/** The file is there; a task reads it. Then its name can go into the payload. */
const Kept = ({ ingest, places, onInsert, onClose }: KeptProps) => {
  const { task_id: taskId, dataset } = ingest;
  const client = useQueryClient();
  const { data } = useQuery(taskQuery(taskId));
  useTaskChanges((changes) => {
    if (changes.some(({ task_id }) => task_id === taskId))
      void client.invalidateQueries({ queryKey: ['task', taskId] });
  });
  const status = data?.task.status ?? ingest.status;
  const made = useQuery({
    queryKey: ['datasets', dataset.version_href],
    queryFn: ({ signal }) => api.get<DatasetView>(dataset.version_href, { signal }),
    enabled: status === 'completed',
  });
  const version = made.data?.versions[0];
  const reference = `dataset:${dataset.name}`;
  const insert = (place: DatasetPlace): void => {
    onInsert(place, reference);
    toast.done(`${reference} is in the payload`);
    onClose();
  };
  return (
    <Dialog title={reference} isOpen onClose={onClose} actions={<Button onPress={onClose}>Close</Button>}>
      <div className="stack">
        <div className="cluster" role="status">
          <StatusBadge status={status} />
          {status === 'completed' && version !== undefined && (
            <span>
              {counted(version.rows, 'row')}, {counted(version.columns.length, 'column')}
              {version.rejected > 0 && `, ${counted(version.rejected, 'row')} could not be read`}
            </span>
          )}
          <PlaceLink place={`/tasks/${taskId}`}>The task that reads it</PlaceLink>
          <CopyButton text={reference}>Copy the name</CopyButton>
        </div>
        {status === 'failed' && data?.task.error && (
          <Note kind="bad" icon="alert">
            <code>{data.task.error.code}</code> {data.task.error.message}
          </Note>
        )}
        {status === 'completed' && places.length > 0 && (
          <div className="stack" role="group" aria-label="Put it into the payload">
            <h3>Put it into the payload</h3>
            {places.map((place) => (
              <Button
                key={place.pointer}
                icon="plus"
                onPress={() => {
                  insert(place);
                }}
              >
                {place.title}
              </Button>
            ))}
          </div>
        )}
        {status === 'completed' && places.length === 0 && (
          <Note>This operation reads no datasets. Choose one that does: a query, a profile, a transformation.</Note>
        )}
      </div>
    </Dialog>
  );
};
