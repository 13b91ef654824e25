// A payload inside a larger form: as JSON, and, where its operation is known, as a form of the operation's schema.
import './submit.css';

import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';

import { Button } from '../../ui/button.js';
import { TextField } from '../../ui/fields.js';
import { Skeleton } from '../../ui/skeleton.js';
import { problemsOf } from './payload-problems.policy.js';
import { isObject, type Json, type PayloadProblem } from './pointer.policy.js';
import { taskTypesQuery } from './task-type-queries.js';

const PayloadForm = lazy(() => import('./payload-form.js'));

const parsed = (text: string): Json | undefined => {
  try {
    const value = JSON.parse(text) as unknown;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

interface PayloadFieldProps {
  readonly taskType: string;
  readonly text: string;
  readonly onText: (text: string) => void;
}

const noProblems: readonly PayloadProblem[] = [];

export const PayloadField = ({ taskType, text, onText }: PayloadFieldProps) => {
  const [isForm, setForm] = useState(false);
  const types = useQuery(taskTypesQuery).data?.task_types;
  const payload = useMemo(() => parsed(text), [text]);
  const operations = types?.find(({ task_type: type }) => type === taskType.trim())?.operations;
  const schema = operations?.find(({ operation }) => operation === payload?.['operation'])?.input_schema;
  const problems = useMemo(
    () => (schema === undefined || payload === undefined ? noProblems : problemsOf(schema, payload)),
    [schema, payload],
  );
  return (
    <>
      <TextField label="Payload" value={text} rows={6} isCode onChange={onText} />
      {schema !== undefined && (
        <div>
          <Button
            size="s"
            kind="quiet"
            icon="edit"
            onPress={() => {
              setForm(!isForm);
            }}
          >
            {isForm ? 'Close the form' : 'Write it in a form'}
          </Button>
        </div>
      )}
      {isForm && schema !== undefined && payload !== undefined && (
        <Suspense fallback={<Skeleton width="100%" />}>
          <PayloadForm
            schema={schema}
            payload={payload}
            problems={problems}
            isDisabled={false}
            onChange={(next) => {
              onText(JSON.stringify(next, undefined, 2));
            }}
          />
        </Suspense>
      )}
    </>
  );
};
