import type { DatasetSummary } from '@pulser/contracts';
import { useState } from 'react';

import { Button, IconButton } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Note } from '../../ui/error-state.js';
import { Select, TextField } from '../../ui/fields.js';
import { bytes, counted } from '../../ui/numbers.policy.js';
import {
  dataFormats,
  type DataFormat,
  datasetNameOf,
  formatOf,
  isDatasetName,
} from '../../datasets/upload-plan.policy.js';
import { startUploads } from './uploads.js';

interface UploadDialogProps {
  readonly files: readonly File[];
  /** Those that are known here: a file may become the next version of one. */
  readonly datasets: readonly DatasetSummary[];
  /** Name of the dataset whose next version the files become; without, each has a name of its own. */
  readonly dataset?: string;
  readonly onClose: () => void;
}

interface Draft {
  readonly file: File;
  readonly name: string;
  readonly format: DataFormat | 'found';
}

const formatOptions = [
  { id: 'found', text: 'Found from the file' },
  ...dataFormats.map((id) => ({ id, text: id.toUpperCase() })),
] as const;

const wrongWith = ({ file, name }: Draft): string | undefined => {
  if (file.size === 0) return 'The file is empty';
  return isDatasetName(name)
    ? undefined
    : 'A small letter or digit, then up to 99 small letters, digits, dots, hyphens and underscores';
};

/** Asks what the files shall be called before they are sent. */
export const UploadDialog = ({ files, datasets, dataset, onClose }: UploadDialogProps) => {
  const [drafts, setDrafts] = useState<readonly Draft[]>(() =>
    files.map((file) => ({ file, name: dataset ?? datasetNameOf(file.name), format: formatOf(file.name) ?? 'found' })),
  );
  const change = (place: number, part: Partial<Draft>): void => {
    setDrafts(drafts.map((draft, index) => (index === place ? { ...draft, ...part } : draft)));
  };
  const hintOf = (name: string): string => {
    const known = datasets.find((one) => one.name === name)?.latest;
    return known === undefined || known === null
      ? 'What the dataset is called.'
      : `There is one of this name: the file becomes version ${known.version + 1} or a later one.`;
  };
  const isReady = drafts.length > 0 && drafts.every((draft) => wrongWith(draft) === undefined);
  const verb = `Upload ${counted(drafts.length, 'file')}`;
  return (
    <Dialog
      title={verb}
      isOpen
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            icon="upload"
            isDisabled={!isReady}
            onPress={() => {
              startUploads(
                drafts.map(({ file, name, format }) => ({
                  file,
                  dataset: name,
                  format: format === 'found' ? undefined : format,
                })),
              );
              onClose();
            }}
          >
            {verb}
          </Button>
        </>
      }
    >
      {drafts.map((draft, place) => (
        <div key={`${draft.file.name} ${place}`} className="upload-draft" role="group" aria-label={draft.file.name}>
          <p className="upload-draft-file">
            <span className="upload-name">{draft.file.name}</span>{' '}
            <span className="muted num">{bytes(draft.file.size)}</span>
          </p>
          <TextField
            label="Dataset"
            value={draft.name}
            onChange={(name) => {
              change(place, { name });
            }}
            hint={hintOf(draft.name)}
            error={wrongWith(draft)}
            isDisabled={dataset !== undefined}
          />
          <Select
            label="Format"
            value={draft.format}
            onChange={(format) => {
              change(place, { format });
            }}
            options={formatOptions}
          />
          {drafts.length > 1 && (
            <IconButton
              icon="close"
              label={`Leave out ${draft.file.name}`}
              onPress={() => {
                setDrafts(drafts.filter((_, index) => index !== place));
              }}
            />
          )}
        </div>
      ))}
      <Note>
        A task reads each file: rows that it cannot read are a file of that task, and rows of the source = rows of the
        version + rejected ones.
      </Note>
    </Dialog>
  );
};
