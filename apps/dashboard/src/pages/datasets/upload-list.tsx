import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { isApiError } from '../../api/problem.js';
import { PlaceLink } from '../../app/place-link.js';
import { Button, IconButton } from '../../ui/button.js';
import { Icon, type IconName } from '../../ui/icon.js';
import { bytes, count, counted, percent } from '../../ui/numbers.policy.js';
import { Panel } from '../../ui/page.js';
import { dismissUpload, goOnWithUpload, stopUpload, type Upload, useUploads } from './uploads.js';

/** The files that are being sent, and what has become of the last ones. */
export const UploadList = () => {
  const uploads = useUploads();
  const client = useQueryClient();
  const made = uploads.filter(({ phase }) => phase.kind === 'done').length;
  useEffect(() => {
    if (made > 0) void client.invalidateQueries({ queryKey: ['datasets'] });
  }, [client, made]);
  if (uploads.length === 0) return null;
  return (
    <Panel title="Uploads" isFlush>
      <p className="visually-hidden" role="status">
        {`${count(made)} of ${counted(uploads.length, 'file')} became datasets`}
      </p>
      <ul className="uploads">
        {uploads.map((upload) => (
          <Row key={upload.id} upload={upload} />
        ))}
      </ul>
    </Panel>
  );
};

const marks: Readonly<Record<Upload['phase']['kind'], IconName>> = {
  waiting: 'clock',
  reading: 'running',
  sending: 'upload',
  making: 'running',
  done: 'success',
  refused: 'failed',
  failed: 'alert',
  stopped: 'slash',
};

const Row = ({ upload }: { readonly upload: Upload }) => {
  const { id, file, dataset, phase } = upload;
  const isUnderWay = phase.kind === 'waiting' || phase.kind === 'reading' || phase.kind === 'sending';
  const goesOn = phase.kind === 'failed' || phase.kind === 'stopped';
  return (
    <li className="upload" data-phase={phase.kind}>
      <Icon name={marks[phase.kind]} />
      <div className="upload-what">
        <p className="cluster">
          <span className="upload-name">{file.name}</span>
          <span className="muted num">{bytes(file.size)}</span>
          <span className="muted">becomes {dataset}</span>
        </p>
        <Phase upload={upload} />
      </div>
      {isUnderWay && (
        <Button
          size="s"
          icon="stop"
          onPress={() => {
            stopUpload(id);
          }}
        >
          Stop
        </Button>
      )}
      {goesOn && (
        <Button
          size="s"
          icon="play"
          onPress={() => {
            goOnWithUpload(id);
          }}
        >
          Go on
        </Button>
      )}
      {!isUnderWay && phase.kind !== 'making' && (
        <IconButton
          icon="close"
          size="s"
          label={`Take ${file.name} off the list`}
          onPress={() => {
            dismissUpload(id);
          }}
        />
      )}
    </li>
  );
};

const Bar = ({ label, done, total }: { readonly label: string; readonly done: number; readonly total: number }) => (
  <progress className="upload-bar" value={done} max={total} aria-label={label} />
);

const Phase = ({ upload: { file, dataset, phase } }: { readonly upload: Upload }) => {
  switch (phase.kind) {
    case 'waiting':
      return <p className="muted">Waits for the one before it.</p>;
    case 'reading':
      return (
        <>
          <Bar label={`Reading ${file.name}`} done={phase.done} total={file.size} />
          <p className="muted num">Reading it for its hash: {percent(phase.done / file.size)}</p>
        </>
      );
    case 'sending':
      return (
        <>
          <Bar label={`Sending ${file.name}`} done={phase.done} total={file.size} />
          <p className="muted num">
            {bytes(phase.done)} of {bytes(file.size)}
            {phase.bytesPerS !== undefined && `, ${bytes(phase.bytesPerS)} a second`}
          </p>
        </>
      );
    case 'making':
      return (
        <p className="muted">
          It is sent. <PlaceLink place={`/tasks/${phase.taskId}`}>A task</PlaceLink> makes the version.
        </p>
      );
    case 'done':
      return (
        <p>
          {phase.version === undefined ? (
            <PlaceLink place={`/datasets/${dataset}`}>{dataset}</PlaceLink>
          ) : (
            <>
              <PlaceLink place={`/datasets/${dataset}?version=${phase.version.version}`}>
                {dataset}, version {phase.version.version}
              </PlaceLink>
              <span className="muted num">
                {' '}
                with {counted(phase.version.rows, 'row')}
                {phase.version.rejected > 0 && `; ${counted(phase.version.rejected, 'row')} rejected`}
              </span>
            </>
          )}
        </p>
      );
    case 'refused':
      return (
        <p className="bad-text">
          {phase.message}. <PlaceLink place={`/tasks/${phase.taskId}`}>Its task</PlaceLink> says more.
        </p>
      );
    case 'failed':
      return <p className="bad-text">{failureOf(phase.error)}</p>;
    case 'stopped':
      return <p className="muted">Stopped. What was sent is kept for a while: it goes on from there.</p>;
  }
};

const failureOf = (error: unknown): string => {
  if (isApiError(error, 'content_quota_exceeded')) {
    const { quota_bytes: quota, used_bytes: used } = error.facts.problem ?? {};
    const known = typeof quota === 'number' && typeof used === 'number';
    const kept = known ? `: ${bytes(used)} of ${bytes(quota)} are kept` : '';
    return `There is no room${kept}. Delete datasets or old versions, or ask who runs Pulser for a larger quota.`;
  }
  if (isApiError(error)) {
    const wrong = error.errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
    return [error.detail, wrong].filter((text) => text !== '').join('. ');
  }
  return error instanceof Error ? error.message : 'The file could not be read';
};
