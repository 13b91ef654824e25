// One definition of a tool: what differs from the one that is trusted, what hides in it, and the approval.
import type { McpPin } from '@pulser/contracts';
import { type ReactNode, useState } from 'react';

import { api } from '../../api/client.js';
import { mcpPath } from '../../mcp/mcp-queries.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { Facts } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { toast } from '../../ui/toast.js';
import { changesBetween, type DefinitionChange, differenceOf } from './definition-changes.policy.js';
import { PinBadge } from './pin-badge.js';
import { warningText } from './pin-words.policy.js';
import { partsOf } from './visible-text.policy.js';

interface PinDialogProps {
  readonly pin: McpPin;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

export const PinDialog = ({ pin, onChanged, onClose }: PinDialogProps) => {
  const mayApprove = useMay('operator');
  const [isAsking, setAsking] = useState(false);
  const { server, tool, digest } = pin;
  const approve = async (): Promise<void> => {
    await api.post(`${mcpPath}/pins/approve`, { server, tool, digest });
    toast.done(`${tool} of ${server} is offered with this definition`);
    onChanged();
    onClose();
  };
  return (
    <Dialog
      title={`${tool} of ${server}`}
      isOpen
      isWide
      onClose={onClose}
      actions={
        mayApprove && pin.status !== 'approved' ? (
          <>
            <Button onPress={onClose}>Leave it as it is</Button>
            <Button
              kind="primary"
              icon="check"
              onPress={() => {
                setAsking(true);
              }}
            >
              Approve it
            </Button>
          </>
        ) : undefined
      }
    >
      <Pin pin={pin} />
      <Confirm
        isOpen={isAsking}
        title={`Trust this definition of ${tool}?`}
        verb="Trust it"
        isDanger={pin.warnings.length > 0}
        onConfirm={approve}
        onClose={() => {
          setAsking(false);
        }}
      >
        {`Agents of all tenants read it from then on and may call ${tool} with it.`}
        {pin.approved_definition !== null && ' The one that was approved before is withdrawn.'}
        {pin.warnings.length > 0 && ' Something in it would not be seen, or speaks to a model: read it once more.'}
      </Confirm>
    </Dialog>
  );
};

const Pin = ({ pin }: { readonly pin: McpPin }) => (
  <div className="stack">
    {pin.warnings.length > 0 && (
      <Note kind="bad" icon="alert">
        <strong>Look closely at it:</strong>
        <ul className="mcp-warnings">
          {pin.warnings.map((warning) => (
            <li key={warning}>{warningText(warning)}</li>
          ))}
        </ul>
      </Note>
    )}
    <Facts
      facts={[
        { name: 'State', value: <PinBadge status={pin.status} /> },
        { name: 'First seen', value: <RelativeTime at={pin.first_seen_at} /> },
        { name: 'Last seen', value: <RelativeTime at={pin.last_seen_at} /> },
        ...(pin.decided_at === null
          ? []
          : [
              {
                name: 'Decided',
                value: (
                  <>
                    <RelativeTime at={pin.decided_at} /> {pin.decided_by !== null && `by ${pin.decided_by}`}
                  </>
                ),
              },
            ]),
        { name: 'SHA-256', value: <code className="mcp-name">{pin.digest}</code> },
      ]}
    />
    {pin.status !== 'approved' && <Changes pin={pin} />}
    <section aria-label="Definition">
      <h3 className="part-heading">The whole definition</h3>
      <JsonView value={pin.definition} label="Definition" maxHeight={320} />
    </section>
  </div>
);

const Changes = ({ pin }: { readonly pin: McpPin }) => {
  const isNew = pin.approved_definition === null;
  const changes = changesBetween(pin.approved_definition, pin.definition);
  return (
    <section aria-label="Changes">
      <h3 className="part-heading">{isNew ? 'None of this tool is approved: all of it is new' : 'What differs'}</h3>
      <ul className="mcp-diff">
        {changes.map((change) => (
          <li key={change.place}>
            <code className="mcp-diff-place">{change.place}</code>
            <dl className="mcp-diff-sides">
              <Sides change={change} isNew={isNew} />
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
};

const Side = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div className="mcp-diff-side">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Sides = ({
  change: { before, after },
  isNew,
}: {
  readonly change: DefinitionChange;
  readonly isNew: boolean;
}) => {
  if (isNew) return <Side name="Now">{after === undefined ? <Absent /> : <Text text={after} />}</Side>;
  const { start, end, ...middle } = differenceOf(before ?? '', after ?? '');
  return (
    <>
      <Side name="Approved">
        {before === undefined ? (
          <Absent />
        ) : (
          <>
            <Text text={start} />
            <del>
              <Text text={middle.before} />
            </del>
            <Text text={end} />
          </>
        )}
      </Side>
      <Side name="Now">
        {after === undefined ? (
          <Absent />
        ) : (
          <>
            <Text text={start} />
            <ins>
              <Text text={middle.after} />
            </ins>
            <Text text={end} />
          </>
        )}
      </Side>
    </>
  );
};

const Absent = () => <span className="muted">not there</span>;

const Text = ({ text }: { readonly text: string }) =>
  partsOf(text).map(({ text: part, isHidden }, index) =>
    // Parts have no names, and never change places.
    isHidden ? (
      <mark key={index} className="mcp-hidden">
        {part}
      </mark>
    ) : (
      <span key={index}>{part}</span>
    ),
  );
