// One incident: its facts, its timeline, and what operators do with it.
import type { IncidentChange, IncidentStory, IncidentView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote, ErrorState } from '../../ui/error-state.js';
import { Select, TextField } from '../../ui/fields.js';
import { counted } from '../../ui/numbers.policy.js';
import { Facts } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { toast } from '../../ui/toast.js';
import { SeverityBadge, StateBadge } from './incident-badges.js';

const words: Readonly<Record<IncidentChange, string>> = {
  opened: 'Opened',
  raised: 'Got worse',
  lowered: 'Got better',
  reopened: 'Came back',
  flapping: 'Goes up and down',
  escalated: 'Escalated',
  resolved: 'Resolved',
  acknowledged: 'Acknowledged',
  silenced: 'Silenced',
  unsilenced: 'Heard again',
};

interface IncidentDialogProps {
  readonly incidentId: string;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

export const IncidentDialog = ({ incidentId, onChanged, onClose }: IncidentDialogProps) => {
  const mayAct = useMay('operator');
  const [step, setStep] = useState<'story' | 'acknowledge' | 'silence'>('story');
  const { data, error, refetch } = useQuery({
    queryKey: ['incidents', 'one', incidentId],
    queryFn: ({ signal }) => api.get<IncidentStory>(`/api/v1/incidents/${encodeURIComponent(incidentId)}`, { signal }),
    refetchInterval: 5_000,
  });
  const back = (): void => {
    setStep('story');
  };
  const done = (text: string): void => {
    toast.done(text);
    onChanged();
    back();
  };
  if (data !== undefined && step === 'acknowledge') return <Acknowledge incident={data} onDone={done} onClose={back} />;
  if (data !== undefined && step === 'silence') return <Silence incident={data} onDone={done} onClose={back} />;
  const isSilenced = data?.silenced_until !== undefined && data.silenced_until !== null;
  const unsilence = async (): Promise<void> => {
    await api.delete(`/api/v1/incidents/${incidentId}/silence`);
    done('Messages tell of it again');
  };
  return (
    <Dialog
      title={data?.summary ?? 'Incident'}
      isOpen
      isWide
      onClose={onClose}
      actions={
        mayAct && data !== undefined ? (
          <>
            {isSilenced ? (
              <Button icon="play" onPress={() => void unsilence()}>
                Hear it again
              </Button>
            ) : (
              <Button
                icon="pause"
                onPress={() => {
                  setStep('silence');
                }}
              >
                Silence
              </Button>
            )}
            {data.state === 'open' && data.acknowledged_at === null && (
              <Button
                kind="primary"
                icon="check"
                onPress={() => {
                  setStep('acknowledge');
                }}
              >
                Acknowledge
              </Button>
            )}
          </>
        ) : undefined
      }
    >
      {data === undefined ? (
        error === null ? (
          <Skeleton height="200px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Story incident={data} />
      )}
    </Dialog>
  );
};

const Story = ({ incident }: { readonly incident: IncidentStory }) => (
  <div className="stack">
    <Facts
      facts={[
        { name: 'Severity', value: <SeverityBadge severity={incident.severity} /> },
        { name: 'State', value: <StateBadge incident={incident} /> },
        { name: 'About', value: <span className="mono">{incident.subject}</span> },
        { name: 'Since', value: <RelativeTime at={incident.opened_at} /> },
        ...(incident.resolved_at === null ? [] : [{ name: 'Over', value: <RelativeTime at={incident.resolved_at} /> }]),
        ...(incident.flaps === 0 ? [] : [{ name: 'Came back', value: counted(incident.flaps, 'time') }]),
        ...(incident.acknowledged_by === null ? [] : [{ name: 'Acknowledged by', value: incident.acknowledged_by }]),
        ...(incident.silenced_until === null
          ? []
          : [
              {
                name: 'Silenced',
                value: (
                  <>
                    <RelativeTime at={incident.silenced_until} /> by {incident.silenced_by}: {incident.silence_reason}
                  </>
                ),
              },
            ]),
        ...Object.entries(incident.detail).map(([name, value]) => ({
          name: name.replaceAll('_', ' '),
          value: <DetailValue value={value} />,
        })),
      ]}
    />
    <section aria-label="Timeline">
      <h3 className="incident-heading">Timeline</h3>
      <ol className="incident-lines">
        {incident.timeline.map((line) => (
          <li key={line.event_id} className="incident-line">
            <RelativeTime at={line.at} isQuiet />
            <span>
              <strong>{words[line.change]}</strong>
              {line.actor !== null && ` by ${line.actor}`}
              {line.note !== null && <span className="muted">: {line.note}</span>}
              {line.actor === null && line.summary !== null && <span className="muted">: {line.summary}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  </div>
);

const DetailValue = ({ value }: { readonly value: unknown }) => {
  const texts = Array.isArray(value) ? value : [value];
  return texts.every((text) => typeof text === 'string') ? (
    texts.join('; ')
  ) : (
    <code className="incident-detail">{JSON.stringify(value)}</code>
  );
};

interface StepProps {
  readonly incident: IncidentView;
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}

/** Sends, and shows why it was refused. */
const useSending = (send: () => Promise<unknown>, onDone: () => void) => {
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (): Promise<void> => {
    if (isPending) return;
    setPending(true);
    setError(undefined);
    try {
      await send();
      onDone();
    } catch (thrown) {
      setError(thrown);
      setPending(false);
    }
  };
  return { isPending, error, run };
};

const Acknowledge = ({ incident, onDone, onClose }: StepProps) => {
  const [note, setNote] = useState('');
  const body = note.trim() === '' ? {} : { note: note.trim() };
  const { isPending, error, run } = useSending(
    () => api.post(`/api/v1/incidents/${incident.incident_id}/acknowledge`, body),
    () => {
      onDone('Acknowledged: it is not escalated any more');
    },
  );
  return (
    <Dialog
      title="Acknowledge the incident"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={isPending} onPress={() => void run()}>
            Acknowledge it
          </Button>
        </>
      }
    >
      <p className="muted">{incident.summary}. It is not escalated any more, unless it gets worse.</p>
      <TextField label="Note" value={note} onChange={setNote} autoFocus hint="For the timeline; may be empty." />
      {error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  );
};

const spans = [
  { id: '1', text: '1 hour' },
  { id: '4', text: '4 hours' },
  { id: '24', text: '1 day' },
  { id: '168', text: '1 week' },
] as const;

const hourMs = 3_600_000;

const Silence = ({ incident, onDone, onClose }: StepProps) => {
  const [hours, setHours] = useState<(typeof spans)[number]['id']>('1');
  const [reason, setReason] = useState('');
  const { isPending, error, run } = useSending(
    () =>
      api.post(`/api/v1/incidents/${incident.incident_id}/silence`, {
        until: new Date(Date.now() + Number(hours) * hourMs).toISOString(),
        reason: reason.trim(),
      }),
    () => {
      onDone('Silenced: no message tells of it until then');
    },
  );
  return (
    <Dialog
      title="Silence the incident"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={isPending} isDisabled={reason.trim() === ''} onPress={() => void run()}>
            Silence it
          </Button>
        </>
      }
    >
      <div className="stack">
        <p className="muted">
          No message tells of it, or of a new one of its kind about {incident.subject}, until then. The timeline goes
          on.
        </p>
        <Select label="For" options={spans} value={hours} onChange={setHours} />
        <TextField label="Reason" value={reason} onChange={setReason} autoFocus />
        {error !== undefined && <ErrorNote error={error} />}
      </div>
    </Dialog>
  );
};
