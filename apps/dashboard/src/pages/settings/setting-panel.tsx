import type { Setting, SettingName } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { type FieldError, isApiError } from '../../api/problem.js';
import { PlaceLink } from '../../app/place-link.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { ErrorNote, ErrorState, Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { settingsQuery, useSettingChanges } from './use-setting.js';

export interface FormOf<Draft> {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  /** What the API said of the last try. */
  readonly errors: readonly FieldError[];
  readonly isReadOnly: boolean;
}

interface SettingPanelProps<Draft> {
  readonly name: SettingName;
  readonly title: string;
  /** What it is for, and what holds without it. */
  readonly about: ReactNode;
  /** The draft of a value, of the default for null; undefined for a value that the form does not know. */
  readonly draftOf: (value: unknown) => Draft | undefined;
  /** The value as the API takes it. */
  readonly valueOf: (draft: Draft) => unknown;
  readonly form: (props: FormOf<Draft>) => ReactNode;
}

/** A setting with its form, who changed it last, and its history. */
export const SettingPanel = <Draft,>(props: SettingPanelProps<Draft>) => {
  const { name, title, about } = props;
  const { data, error, refetch } = useQuery(settingsQuery);
  return (
    <Panel
      title={title}
      aside={
        <PlaceLink place={`/audit?target=${name}`} aria-label={`History of ${title.toLowerCase()}`}>
          History
        </PlaceLink>
      }
    >
      <div className="setting">
        <p className="muted">{about}</p>
        {data !== undefined ? (
          // A change by somebody else is another form: what is typed here is kept until it is saved or dropped.
          <SettingForm key={name} {...props} setting={data.find((one) => one.name === name) ?? null} />
        ) : error === null ? (
          <Skeleton width="100%" height="120px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </div>
    </Panel>
  );
};

interface SettingFormProps<Draft> extends SettingPanelProps<Draft> {
  /** As it is on the server; null while the default holds. */
  readonly setting: Setting | null;
}

const SettingForm = <Draft,>(props: SettingFormProps<Draft>) => {
  const { name, title, setting, draftOf, valueOf, form } = props;
  const isAdmin = useMay('admin');
  const { save, remove, reload } = useSettingChanges(name);
  // What is typed, and what was read when the typing began: that alone may be replaced.
  const [edit, setEdit] = useState<{ readonly draft: Draft; readonly read: Setting | null }>();
  const [isRemoving, setRemoving] = useState(false);
  const stored = draftOf(setting?.value ?? null);
  const draft = edit?.draft ?? stored;
  const isStale = edit !== undefined && edit.read?.etag !== setting?.etag;
  const wasFaster = isStale || (isApiError(save.error) && save.error.status === 412);
  const drop = (): void => {
    setEdit(undefined);
    save.reset();
    void reload();
  };
  if (draft === undefined) {
    return (
      <>
        <Note kind="warn">A newer version of Pulser made this value: this page can show it, and not change it.</Note>
        <JsonView value={setting?.value} label={title} />
      </>
    );
  }
  return (
    <form
      className="setting-form"
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        if (edit === undefined || save.isPending) return;
        save.mutate(
          { read: edit.read, value: valueOf(edit.draft) },
          {
            onSuccess: () => {
              setEdit(undefined);
            },
          },
        );
      }}
    >
      {form({
        draft,
        onChange: (next) => {
          setEdit({ draft: next, read: edit === undefined ? setting : edit.read });
        },
        errors: isApiError(save.error) ? save.error.errors : [],
        isReadOnly: !isAdmin,
      })}
      {wasFaster && (
        <Note kind="warn">
          <p>Somebody changed the setting meanwhile: saving would undo that. Look at theirs, and change it again.</p>
          <Button size="s" icon="refresh" onPress={drop}>
            Show theirs
          </Button>
        </Note>
      )}
      {save.error !== null && !wasFaster && <ErrorNote error={save.error} />}
      <div className="setting-end">
        <Last setting={setting} />
        {isAdmin && (
          <div className="cluster">
            {setting !== null && (
              <Button
                kind="quiet"
                onPress={() => {
                  setRemoving(true);
                }}
              >
                Use the default
              </Button>
            )}
            {edit !== undefined && <Button onPress={drop}>Drop the changes</Button>}
            <Button
              kind="primary"
              type="submit"
              isPending={save.isPending}
              isDisabled={edit === undefined || wasFaster}
            >
              {`Save ${title.toLowerCase()}`}
            </Button>
          </div>
        )}
      </div>
      {setting !== null && (
        <Confirm
          isOpen={isRemoving}
          title={`Delete 1 setting: ${title.toLowerCase()}?`}
          verb="Delete 1 setting"
          isDanger
          onConfirm={async () => {
            await remove(setting);
            setEdit(undefined);
          }}
          onClose={() => {
            setRemoving(false);
          }}
        >
          Then its default holds. Tasks that run keep what they have read.
        </Confirm>
      )}
    </form>
  );
};

const Last = ({ setting }: { readonly setting: Setting | null }) =>
  setting === null ? (
    <p className="muted">The default holds: nobody has changed it.</p>
  ) : (
    <p className="muted">
      Version <span className="num">{setting.version}</span>, by {setting.updated_by},{' '}
      <RelativeTime at={setting.updated_at} />
    </p>
  );
