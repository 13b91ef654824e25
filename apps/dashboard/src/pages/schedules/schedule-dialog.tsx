// The form of a schedule, beside the next ten times that it would have.
import './schedules.css';

import type { OverlapPolicy, ScheduleDetail, SchedulePreview, ScheduleWhen } from '@pulser/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { Choice, type Option } from '../../ui/choice.js';
import { Note } from '../../ui/error-state.js';
import { Checkbox, Select, TextField } from '../../ui/fields.js';
import { FormDialog } from '../../ui/form-dialog.js';
import { nameShape } from '../../things/name.js';
import { PayloadField } from '../submit/payload-field.js';
import { emptyForm, formOf, orderOf, type ScheduleForm, timesOf } from './schedule-form.policy.js';
import { inZone } from './schedule-text.policy.js';

const kinds: readonly Option<ScheduleWhen['kind']>[] = [
  { id: 'cron', text: 'Cron' },
  { id: 'interval', text: 'Interval' },
  { id: 'calendar', text: 'Calendar' },
];

const overlaps: readonly Option<OverlapPolicy>[] = [
  { id: 'skip', text: 'Skip the time' },
  { id: 'buffer_one', text: 'Wait, one at most' },
  { id: 'buffer_all', text: 'Wait, all of them' },
  { id: 'cancel_other', text: 'Cancel the earlier task' },
  { id: 'allow_all', text: 'Run both' },
];

const priorities: readonly Option<ScheduleForm['priority']>[] = [
  { id: 'high', text: 'High' },
  { id: 'medium', text: 'Medium' },
  { id: 'low', text: 'Low' },
];

/** Milliseconds after the last key. */
const quietMs = 300;

interface ScheduleDialogProps {
  /** The one that is changed; undefined: a new one. */
  readonly schedule?: ScheduleDetail;
  readonly onDone: (schedule: ScheduleDetail) => void;
  readonly onClose: () => void;
}

export const ScheduleDialog = ({ schedule, onDone, onClose }: ScheduleDialogProps) => {
  const [form, setForm] = useState<ScheduleForm>(() =>
    schedule === undefined ? emptyForm(Intl.DateTimeFormat().resolvedOptions().timeZone) : formOf(schedule),
  );
  const set = (changes: Partial<ScheduleForm>): void => {
    setForm((before) => ({ ...before, ...changes }));
  };
  const write = async (): Promise<void> => {
    const order = orderOf(form, schedule);
    onDone(await api.put<ScheduleDetail>(`/api/v1/schedules/${encodeURIComponent(form.name.trim())}`, order));
  };
  return (
    <FormDialog
      title={schedule === undefined ? 'New schedule' : `Change ${schedule.name}`}
      isWide
      verb={schedule === undefined ? 'Create it' : 'Save it'}
      cancel={schedule === undefined ? 'Discard it' : 'Keep as it is'}
      isReady={nameShape.test(form.name.trim())}
      onWrite={write}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={form.name}
        isCode
        isDisabled={schedule !== undefined}
        hint="A small letter, then small letters, digits and hyphens"
        onChange={(name) => {
          set({ name });
        }}
      />
      <When form={form} set={set} />
      <Preview form={form} />
      <Task form={form} set={set} />
      <Rules form={form} set={set} />
      {schedule !== undefined && (
        <Note>Whoever saves a schedule is its author: its tasks are submitted with their rights.</Note>
      )}
    </FormDialog>
  );
};

interface PartProps {
  readonly form: ScheduleForm;
  readonly set: (changes: Partial<ScheduleForm>) => void;
}

const Text = ({
  form,
  set,
  of,
  label,
  hint,
}: PartProps & {
  readonly of: Exclude<keyof ScheduleForm, 'kind' | 'overlap' | 'priority' | 'pauseOnFailure'>;
  readonly label: string;
  readonly hint?: string;
}) => (
  <TextField
    label={label}
    value={form[of]}
    isCode
    {...(hint !== undefined && { hint })}
    onChange={(text) => {
      set({ [of]: text });
    }}
  />
);

const When = ({ form, set }: PartProps) => (
  <fieldset className="schedule-part">
    <legend>When</legend>
    <Choice
      label="Kind of times"
      options={kinds}
      value={form.kind}
      onChange={(kind) => {
        set({ kind });
      }}
    />
    <div className="schedule-fields">
      {form.kind === 'cron' && (
        <Text form={form} set={set} of="expression" label="Expression" hint="minute hour day month weekday" />
      )}
      {form.kind === 'interval' && <Text form={form} set={set} of="every" label="Every" hint="90s, 15m, 2h or 1d" />}
      {form.kind === 'calendar' && (
        <>
          <Text form={form} set={set} of="times" label="Times" hint="09:00, 17:30" />
          <Text form={form} set={set} of="weekdays" label="Weekdays" hint="mon, fri#1; empty: all" />
          <Text form={form} set={set} of="days" label="Days of the month" hint="1, 15, last; empty: all" />
          <Text form={form} set={set} of="months" label="Months" hint="1, 12; empty: all" />
        </>
      )}
      <Text form={form} set={set} of="timeZone" label="Time zone" hint="Europe/Berlin, UTC" />
      <Text form={form} set={set} of="exclude" label="Without the days" hint="2027-12-24..2027-12-26, 2028-01-01" />
      <Text form={form} set={set} of="start" label="Not before" hint="2027-01-01T00:00:00Z" />
      <Text form={form} set={set} of="end" label="Until" hint="2028-01-01T00:00:00Z" />
    </div>
  </fieldset>
);

const useSettled = <T,>(value: T): T => {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(value);
    }, quietMs);
    return () => {
      clearTimeout(timer);
    };
  }, [value]);
  return settled;
};

/** Asked of the API: the page itself knows no calendar. */
const Preview = ({ form }: { readonly form: ScheduleForm }) => {
  const body = useSettled(JSON.stringify(timesOf(form)));
  const { data, error } = useQuery({
    queryKey: ['schedule-preview', body],
    queryFn: ({ signal }) =>
      api.post<SchedulePreview>('/api/v1/schedules/preview', JSON.parse(body) as unknown, { signal }),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
  });
  const wrong = isApiError(error) ? error.errors.map(({ detail }) => detail).join('. ') || error.detail : undefined;
  return (
    <section className="schedule-part" aria-label="The next ten times">
      <h3>The next ten times</h3>
      {error === null ? (
        <ol className="schedule-times num" aria-live="polite">
          {data?.next.map((at) => (
            <li key={at}>
              <time dateTime={at}>{inZone(at, form.timeZone.trim())}</time>
            </li>
          ))}
          {data?.next.length === 0 && <li>It has no time any more.</li>}
        </ol>
      ) : (
        <p className="schedule-wrong" role="status">
          {wrong ?? error.message}
        </p>
      )}
    </section>
  );
};

const Task = ({ form, set }: PartProps) => (
  <fieldset className="schedule-part">
    <legend>What</legend>
    <div className="schedule-fields">
      <Text form={form} set={set} of="taskType" label="Task type" />
      <Select
        label="Priority"
        options={priorities}
        value={form.priority}
        onChange={(priority) => {
          set({ priority });
        }}
      />
      <Text form={form} set={set} of="notify" label="Send its end to" hint="Names of destinations, between commas" />
    </div>
    <PayloadField
      taskType={form.taskType}
      text={form.payload}
      onText={(payload) => {
        set({ payload });
      }}
    />
  </fieldset>
);

const Rules = ({ form, set }: PartProps) => (
  <fieldset className="schedule-part">
    <legend>How</legend>
    <div className="schedule-fields">
      <Select
        label="While an earlier task runs"
        options={overlaps}
        value={form.overlap}
        onChange={(overlap) => {
          set({ overlap });
        }}
      />
      <Text form={form} set={set} of="catchUp" label="Catch up with times of the last" hint="90s, 15m, 2h or 1d" />
      <Text form={form} set={set} of="jitter" label="Late by up to" hint="Spreads schedules of the same time" />
    </div>
    <Checkbox
      isSelected={form.pauseOnFailure}
      onChange={(pauseOnFailure) => {
        set({ pauseOnFailure });
      }}
    >
      Pause when a task of it fails
    </Checkbox>
  </fieldset>
);
