import { Checkbox, Select, TextField } from '../../ui/fields.js';
import type { RoutingDraft, RoutingFaults } from './routing-draft.policy.js';

const severities = [
  { id: 'info', text: 'All incidents' },
  { id: 'warning', text: 'Warnings and critical ones' },
  { id: 'critical', text: 'Critical ones only' },
  { id: 'none', text: 'None' },
] as const;

interface RoutingFieldsProps {
  readonly draft: RoutingDraft;
  readonly faults: RoutingFaults;
  readonly isOfInstallation: boolean;
  readonly onChange: (draft: RoutingDraft) => void;
}

/** Of which incidents a destination is told, and when it is left alone. */
export const RoutingFields = ({ draft, faults, isOfInstallation, onChange }: RoutingFieldsProps) => {
  const field = (name: 'after' | 'start' | 'end' | 'zone') => ({
    value: draft[name],
    error: faults[name],
    onChange: (value: string) => {
      onChange({ ...draft, [name]: value });
    },
  });
  return (
    <>
      {isOfInstallation && (
        <>
          <Select<RoutingDraft['from']>
            label="Incidents"
            options={severities}
            value={draft.from}
            onChange={(from) => {
              onChange({ ...draft, from });
            }}
          />
          <TextField
            label="Only what nobody acknowledged for, in minutes"
            hint="Empty: at once. With a number it is for escalation."
            {...field('after')}
          />
        </>
      )}
      <Checkbox
        isSelected={draft.isQuiet}
        onChange={(isQuiet) => {
          onChange({ ...draft, isQuiet });
        }}
      >
        Quiet hours: what is not critical waits
      </Checkbox>
      {draft.isQuiet && (
        <div className="destination-quiet">
          <TextField label="From" isCode {...field('start')} />
          <TextField label="To" isCode {...field('end')} />
          <TextField label="Time zone" isCode {...field('zone')} />
        </div>
      )}
    </>
  );
};
