// The approval of a call that is to be made from here: how it stands, and what follows.
import type { ApprovalDetail } from '@pulser/contracts';

import { PlaceLink } from '../../app/place-link.js';
import { Button } from '../../ui/button.js';
import { Note } from '../../ui/error-state.js';

interface ApprovalStateProps {
  readonly approval: ApprovalDetail;
  /** Whether the arguments in the form are those that were asked for, as they are shown. */
  readonly isSame: boolean;
  /** Writes those into the form. */
  readonly onFill: () => void;
}

const placeOf = ({ approval_id: id }: ApprovalDetail): string => `/approvals?show=all&open=${id}`;

export const ApprovalState = ({ approval, isSame, onFill }: ApprovalStateProps) => (
  <div role="status" className="stack">
    <Stands approval={approval} />
    {!isSame && approval.used_at === null && (approval.status === 'waiting' || approval.status === 'approved') && (
      <Note kind="warn" icon="alert">
        <p>
          The arguments differ from those that the approval is for, as far as it shows them: another call needs an
          approval of its own.
        </p>
        <Button size="s" icon="back" onPress={onFill}>
          Fill in those of the approval
        </Button>
      </Note>
    )}
  </div>
);

const Stands = ({ approval }: { readonly approval: ApprovalDetail }) => {
  const link = <PlaceLink place={placeOf(approval)}>Open the approval</PlaceLink>;
  if (approval.used_at !== null)
    return (
      <Note>
        <p>The approval was used by a call: it holds for one. A further call asks again. {link}</p>
      </Note>
    );
  switch (approval.status) {
    case 'waiting':
      return (
        <Note kind="info" icon="wait">
          <p>
            <strong>Persons have to approve this call.</strong> This page shows their decision when it comes; then make
            the call again. {link}
          </p>
        </Note>
      );
    case 'approved':
      return (
        <Note kind="ok" icon="success">
          <p>
            <strong>The call is approved.</strong> Make it now: with the same arguments, once. {link}
          </p>
        </Note>
      );
    case 'denied':
    case 'expired':
    case 'withdrawn':
      return (
        <Note kind="warn" icon="slash">
          <p>
            <strong>{`The approval is ${approval.status}.`}</strong> A further call asks again. {link}
          </p>
        </Note>
      );
  }
};
