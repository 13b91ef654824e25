import type { DatasetVersionView } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';

import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { PlaceLink } from '../../app/place-link.js';
import { useMay } from '../../session/session.js';
import { Button, IconButton } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote } from '../../ui/error-state.js';
import { Icon } from '../../ui/icon.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { toast } from '../../ui/toast.js';
import { DeleteDatasets } from '../datasets/delete-datasets.js';
import { UploadDialog } from '../datasets/upload-dialog.js';
import { useFileDrop } from '../datasets/use-file-drop.js';
import { wholeQuery } from './dataset-queries.js';
import { download, type DownloadFormat, downloadFormats } from './download.js';
import { queryPlace } from './query-place.policy.js';

const formatTexts: Readonly<Record<DownloadFormat, string>> = { parquet: 'Parquet', csv: 'CSV', ndjson: 'NDJSON' };

interface DatasetActionsProps {
  readonly name: string;
  /** The version that is shown. */
  readonly shown: DatasetVersionView | undefined;
}

/** Downloading, querying, uploading the next version, deleting. */
export const DatasetActions = ({ name, shown }: DatasetActionsProps) => {
  const mayWrite = useMay('operator');
  const navigate = useNavigate();
  const client = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [isDeleting, setDeleting] = useState(false);
  const [making, setMaking] = useState<DownloadFormat>();
  const isOver = useFileDrop(mayWrite, setFiles);
  const whole = useQuery({ ...wholeQuery(name), enabled: isDeleting });

  const leave = async (): Promise<void> => {
    await navigate({ to: '/datasets' });
    client.removeQueries({ queryKey: ['datasets', name] });
    await client.invalidateQueries({ queryKey: ['datasets', 'list'] });
  };
  const save = async (format: DownloadFormat): Promise<void> => {
    if (shown === undefined) return;
    setMaking(format);
    try {
      await download(shown.links.content, format);
    } catch (error) {
      toast.failed('Not downloaded', error);
    } finally {
      setMaking(undefined);
    }
  };
  const query = (): void => {
    if (shown !== undefined) void navigate({ href: queryPlace(name, shown.reference) });
  };
  const pick = (): void => picker.current?.click();
  useKeys('Dataset', [
    ...(mayWrite
      ? [
          { keys: 'q', label: 'Query this version', run: query },
          { keys: 'u', label: 'Upload the next version', run: pick },
        ]
      : []),
    { keys: 's', label: 'Save as Parquet', run: () => void save('parquet') },
  ]);
  useCommands('This dataset', [
    ...downloadFormats.map((format) => ({
      id: format,
      title: `Download this version as ${formatTexts[format]}`,
      icon: 'download' as const,
      run: () => void save(format),
    })),
    ...(mayWrite
      ? [
          { id: 'query', title: 'Query this version', icon: 'code' as const, run: query },
          { id: 'upload', title: 'Upload the next version', icon: 'upload' as const, run: pick },
        ]
      : []),
  ]);
  return (
    <>
      {shown !== undefined && (
        <Menu
          label="Download"
          trigger={
            <Button icon="download" isPending={making !== undefined}>
              {making === undefined ? 'Download' : `A task makes the ${formatTexts[making]}`}
            </Button>
          }
        >
          {downloadFormats.map((format) => (
            <MenuItem key={format} icon="download" onAction={() => void save(format)}>
              {formatTexts[format]}
            </MenuItem>
          ))}
        </Menu>
      )}
      {mayWrite && (
        <Button icon="upload" onPress={pick}>
          Upload next version
        </Button>
      )}
      {mayWrite && shown !== undefined && (
        <PlaceLink place={queryPlace(name, shown.reference)} className="button button-primary button-m">
          <Icon name="code" />
          Query this
        </PlaceLink>
      )}
      {mayWrite && (
        <Menu label="More" trigger={<IconButton icon="dots" label="More actions" />}>
          <MenuItem
            icon="trash"
            isDanger
            onAction={() => {
              setDeleting(true);
            }}
          >
            Delete the dataset
          </MenuItem>
        </Menu>
      )}
      <input
        ref={picker}
        type="file"
        hidden
        aria-label="File for the next version"
        onChange={({ target }) => {
          setFiles([...(target.files ?? [])]);
          target.value = '';
        }}
      />
      {isOver && (
        <div className="drop-field" aria-hidden="true">
          Drop a file to make the next version of {name}
        </div>
      )}
      {files.length > 0 && (
        <UploadDialog
          files={files}
          datasets={[]}
          dataset={name}
          onClose={() => {
            setFiles([]);
          }}
        />
      )}
      {isDeleting && whole.data === undefined && whole.error !== null && (
        <Dialog
          title="Delete the dataset"
          isOpen
          onClose={() => {
            setDeleting(false);
          }}
        >
          <ErrorNote error={whole.error} />
        </Dialog>
      )}
      {isDeleting && whole.data !== undefined && (
        <DeleteDatasets
          datasets={[whole.data]}
          onClose={() => {
            setDeleting(false);
          }}
          onDone={(gone) => {
            if (gone > 0) void leave();
          }}
        />
      )}
    </>
  );
};
