// Changing what a destination is told of, and when. Its address stays: another one is another destination.
import type { DestinationView } from '@pulser/contracts';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote } from '../../ui/error-state.js';
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
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const faults = routingFaults(draft);
  const isReady = Object.keys(faults).length === 0;
  const save = async (): Promise<void> => {
    if (!isReady || isPending) return;
    setPending(true);
    setError(undefined);
    try {
      await api.patch(`/api/v1/destinations/${destination.destination_id}`, routingOf(draft, isOfInstallation));
      toast.done(`${destination.name} is changed`);
      onDone();
    } catch (thrown) {
      setError(thrown);
      setPending(false);
    }
  };
  return (
    <Dialog
      title={`Change ${destination.name}`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={isPending} isDisabled={!isReady} onPress={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <form
        className="stack"
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p className="muted">
          Its address and secret stay as its receiver confirmed them. For another address add another destination.
        </p>
        <RoutingFields draft={draft} faults={faults} isOfInstallation={isOfInstallation} onChange={setDraft} />
        {error !== undefined && <ErrorNote error={error} />}
      </form>
    </Dialog>
  );
};
