// A key that was just made: the one time that anybody can read it.
import type { NewKey } from '@pulser/contracts';
import { useState } from 'react';

import { Button } from '../../ui/button.js';
import { CodeBlock } from '../../ui/code-block.js';
import { Dialog } from '../../ui/dialog.js';
import { Note } from '../../ui/error-state.js';
import { Checkbox } from '../../ui/fields.js';
import { Facts } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { submitsText } from './key-choices.js';

interface NewKeyDialogProps {
  readonly made: NewKey;
  /** For a key that replaces another: when that one ends. */
  readonly oldEnds?: string | undefined;
  readonly onClose: () => void;
}

/** A command that works as it is, with any role. */
export const tryKey = (origin: string, key: string): string =>
  `curl -sS ${origin}/api/v1/me -H 'Authorization: Bearer ${key}'`;

// Escape and a click beside it do not close it: what is gone then cannot be had again.
const stay = (): void => undefined;

export const NewKeyDialog = ({ made, oldEnds, onClose }: NewKeyDialogProps) => {
  const [isKept, setKept] = useState(false);
  return (
    <Dialog
      title={`The key ${made.name}`}
      isOpen
      isAlert
      isWide
      onClose={stay}
      actions={
        <Button kind="primary" isDisabled={!isKept} onPress={onClose}>
          Done
        </Button>
      }
    >
      <Note kind="warn" icon="alert">
        <strong>It is shown this once.</strong>
        <p>Pulser keeps its hash only. Put it where secrets are kept, not into code, mail or chat.</p>
      </Note>
      <CodeBlock code={made.key} label="Key" />
      <p className="muted">Try it. The command has the key in it, and so will the history of the shell:</p>
      <CodeBlock code={tryKey(location.origin, made.key)} label="Command" />
      <Facts
        facts={[
          { name: 'Role', value: made.role },
          { name: 'May submit', value: submitsText(made, 'tasks of every type') },
          {
            name: 'Ends',
            value: made.expires_at === null ? 'when it is revoked' : <RelativeTime at={made.expires_at} />,
          },
          ...(oldEnds === undefined ? [] : [{ name: 'The old key ends', value: oldEnds }]),
        ]}
      />
      <Checkbox isSelected={isKept} onChange={setKept}>
        I have kept the key
      </Checkbox>
    </Dialog>
  );
};
