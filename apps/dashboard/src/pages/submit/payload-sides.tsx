// The payload as a form and as JSON, which follow each other.
import { lazy, Suspense, useState } from 'react';

import { Button } from '../../ui/button.js';
import { Note } from '../../ui/error-state.js';
import { Panel } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Tabs } from '../../ui/tabs.js';
import type { Json, PayloadProblem } from './pointer.policy.js';
import { useIsNarrow } from './use-narrow.js';

const PayloadForm = lazy(() => import('./payload-form.js'));
const JsonEditor = lazy(() => import('../../ui/json-editor.js'));

const none: readonly PayloadProblem[] = [];

const nouns = { payload: 'Payload', arguments: 'Arguments' } as const;

/** What is written: the payload of a task, or the arguments of a tool. */
export type Noun = keyof typeof nouns;

interface PayloadSidesProps {
  readonly noun?: Noun;
  /** Undefined: there is no form, because the payload is free. */
  readonly schema: Json | undefined;
  readonly payload: Json;
  readonly text: string;
  /** Why the text is not JSON now. */
  readonly fault: string | undefined;
  readonly problems: readonly PayloadProblem[];
  readonly onPayload: (payload: Json) => void;
  readonly onText: (text: string) => void;
  readonly onReset: () => void;
}

/** Form and JSON side by side, or one of them where there is no room. */
export const PayloadSides = ({
  noun = 'payload',
  schema,
  payload,
  text,
  fault,
  problems,
  onPayload,
  onText,
  onReset,
}: PayloadSidesProps) => {
  const isNarrow = useIsNarrow();
  const [tab, setTab] = useState<'form' | 'json'>('form');
  const form = schema !== undefined && (
    <Suspense fallback={<Skeleton width="100%" />}>
      {fault !== undefined && (
        <Note kind="warn" icon="alert">
          The JSON cannot be read yet. The form shows what it was before, and waits.
        </Note>
      )}
      <PayloadForm
        schema={schema}
        payload={payload}
        problems={problems}
        onChange={onPayload}
        isDisabled={fault !== undefined}
      />
    </Suspense>
  );
  const json = (
    <Suspense fallback={<Skeleton width="100%" />}>
      <JsonEditor
        label={`${nouns[noun]} as JSON`}
        value={text}
        onChange={onText}
        problems={fault === undefined ? problems : none}
      />
      {fault !== undefined && (
        <Note kind="warn" icon="alert">
          {fault}
        </Note>
      )}
    </Suspense>
  );
  const again = (
    <Button size="s" kind="quiet" icon="back" onPress={onReset}>
      Start over
    </Button>
  );
  if (form === false) {
    return (
      <Panel title={nouns[noun]} aside={again}>
        <div className="stack">{json}</div>
      </Panel>
    );
  }
  if (isNarrow) {
    return (
      <Tabs<'form' | 'json'>
        label={`Ways to write the ${noun}`}
        value={tab}
        onChange={setTab}
        tabs={[
          { id: 'form', title: 'Form', content: <div className="stack">{form}</div> },
          { id: 'json', title: 'JSON', content: <div className="stack">{json}</div> },
        ]}
      />
    );
  }
  return (
    <div className="sides">
      <Panel title="Form">
        <div className="stack">{form}</div>
      </Panel>
      <div className="side-json">
        <Panel title="JSON" aside={again}>
          <div className="stack">{json}</div>
        </Panel>
      </div>
    </div>
  );
};
