import { Button, IconButton } from '../../ui/button.js';
import { Checkbox, Select, TextField } from '../../ui/fields.js';
import { type HostDraft, newHost, problemAt } from './setting-drafts.policy.js';
import type { FormOf } from './setting-panel.js';

const maxHosts = 200;

const schemeOptions = [
  { id: 'https', text: 'https' },
  { id: 'http', text: 'http' },
  { id: 'both', text: 'Both' },
] as const;

/** Hosts that tasks may ask, a row for each. */
export const AllowedHostsForm = ({ draft, onChange, errors, isReadOnly }: FormOf<readonly HostDraft[]>) => {
  const change = (place: number, part: Partial<HostDraft>): void => {
    onChange(draft.map((host, index) => (index === place ? { ...host, ...part } : host)));
  };
  return (
    <>
      {draft.length === 0 && <p>No host may be asked.</p>}
      {draft.map((host, place) => (
        <div key={place} className="host-row" role="group" aria-label={`Host ${place + 1}`}>
          <TextField
            label="Host"
            isCode
            value={host.host}
            onChange={(text) => {
              change(place, { host: text });
            }}
            placeholder="api.example.com or *.example.com"
            isReadOnly={isReadOnly}
            error={problemAt(errors, place, 'host')}
          />
          <TextField
            label="Ports"
            value={host.ports}
            onChange={(ports) => {
              change(place, { ports });
            }}
            placeholder="443, 80"
            isReadOnly={isReadOnly}
            error={problemAt(errors, place, 'ports')}
          />
          <Select
            label="Scheme"
            value={host.schemes}
            onChange={(schemes) => {
              change(place, { schemes });
            }}
            options={schemeOptions}
            isDisabled={isReadOnly}
          />
          <div className="host-load">
            <Checkbox
              isSelected={host.loadTest}
              isDisabled={isReadOnly}
              onChange={(loadTest) => {
                change(place, { loadTest });
              }}
            >
              Load tests
            </Checkbox>
          </div>
          {!isReadOnly && (
            <IconButton
              icon="trash"
              label={`Take away ${host.host === '' ? `host ${place + 1}` : host.host}`}
              onPress={() => {
                onChange(draft.filter((_, index) => index !== place));
              }}
            />
          )}
        </div>
      ))}
      {!isReadOnly && (
        <div>
          <Button
            icon="plus"
            isDisabled={draft.length >= maxHosts}
            onPress={() => {
              onChange([...draft, newHost]);
            }}
          >
            Add a host
          </Button>
        </div>
      )}
    </>
  );
};
