// Changing what a destination is told of, and when. Its address stays: another one is another destination.
import type { DestinationView } from '@pulser/contracts';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { FormDialog } from '../../ui/form-dialog.js';
import { toast } from '../../ui/toast.js';
import { routingDraftOf, routingFaults, routingOf } from './routing-draft.policy.js';
import { RoutingFields } from './routing-fields.js';

interface EditDestinationProps {
  readonly destination: DestinationView;
  readonly isOfInstallation: boolean;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export const EditDestinationDialog = ({ destination, isOfInstallation, onDone, onClose }: EditDestinationProps) => {
  const [draft, setDraft] = useState(() =>
    routingDraftOf(destination, Intl.DateTimeFormat().resolvedOptions().timeZone),
  );
  const faults = routingFaults(draft);
  const save = async (): Promise<void> => {
    await api.patch(`/api/v1/destinations/${destination.destination_id}`, routingOf(draft, isOfInstallation));
    toast.done(`${destination.name} is changed`);
    onDone();
  };
  return (
    <FormDialog
      title={`Change ${destination.name}`}
      verb="Save"
      isReady={Object.keys(faults).length === 0}
      onWrite={save}
      onClose={onClose}
    >
      <p className="muted">
        Its address and secret stay as its receiver confirmed them. For another address add another destination.
      </p>
      <RoutingFields draft={draft} faults={faults} isOfInstallation={isOfInstallation} onChange={setDraft} />
    </FormDialog>
  );
};
