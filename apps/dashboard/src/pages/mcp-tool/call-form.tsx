// One call of a tool: its arguments, the call, and what came of it.
import type { ApprovalDetail, McpTool } from '@pulser/contracts';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useMemo, useState } from 'react';

import { isApiError } from '../../api/problem.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Select } from '../../ui/fields.js';
import { Keys } from '../../ui/keys.js';
import { toast } from '../../ui/toast.js';
import { PayloadSides } from '../submit/payload-sides.js';
import { problemsOf } from '../submit/payload-problems.policy.js';
import { isObject, type Json, type PayloadProblem } from '../submit/pointer.policy.js';
import { ProblemList } from '../submit/problem-list.js';
import { draftOf, useDraft } from '../submit/use-draft.js';
import { Answer, Failure } from './call-answer.js';
import { ApprovalState } from './approval-state.js';
import { callCommand, isSame } from './call-code.policy.js';
import { useToolCall } from './use-tool-call.js';

interface CallFormProps {
  readonly tool: McpTool;
  /** Of the call that is to be made. */
  readonly approval: ApprovalDetail | undefined;
}

const waits = [
  { id: '10000', text: 'Wait 10 seconds' },
  { id: '60000', text: 'Wait 1 minute' },
  { id: '300000', text: 'Wait 5 minutes' },
  { id: '900000', text: 'Wait 15 minutes' },
] as const;

type Wait = (typeof waits)[number]['id'];

const none: readonly PayloadProblem[] = [];

export const examplesOf = ({ input_schema: { examples } }: McpTool): readonly Json[] =>
  Array.isArray(examples) ? examples.filter(isObject) : [];

const startingWith = (tool: McpTool, approval: ApprovalDetail | undefined): Json => {
  if (approval !== undefined && isObject(approval.arguments)) return approval.arguments;
  return examplesOf(tool)[0] ?? {};
};

export const CallForm = ({ tool, approval }: CallFormProps) => {
  const navigate = useNavigate();
  const examples = examplesOf(tool);
  const [draft, { writePayload, writeText, reset }] = useDraft(`call of ${tool.name}`, () =>
    draftOf(startingWith(tool, approval)),
  );
  const [wait, setWait] = useState<Wait>('60000');
  const [isAsking, setAsking] = useState(false);
  const { payload, text, fault } = draft;
  const later = useDeferredValue(payload);
  const problems = useMemo(() => problemsOf(tool.input_schema, later), [tool.input_schema, later]);
  const { state, call, stop } = useToolCall(tool.name, (approvalId) => {
    // The address has it: the call can be made again from there after the decision.
    void navigate({
      ...{ to: '/mcp/tools/$name', params: { name: tool.name }, search: { approval: approvalId } },
      ...{ replace: true, resetScroll: false },
    });
  });
  const isApproved = approval?.status === 'approved' && approval.used_at === null;
  const isPending = state.kind === 'pending';
  const make = (): void => {
    if (fault !== undefined || isPending) return;
    call({
      arguments: payload,
      timeout_ms: Number(wait),
      ...(approval !== undefined && isApproved && { approval_id: approval.approval_id }),
    });
  };
  // What destroys without an approval is asked about here.
  const press = (): void => {
    if (tool.flag === 'destructive' && !tool.needs_approval) setAsking(true);
    else make();
  };
  const copy = (): void => {
    void navigator.clipboard.writeText(callCommand(location.origin, tool.name, payload)).then(() => {
      toast.done('The command is copied');
    });
  };
  useKeys('Tool', [
    { keys: 'mod+enter', label: 'Call it', run: press, inFields: true },
    { keys: 'shift+y', label: 'Copy as curl', run: copy },
  ]);
  useCommands('This tool', [
    { id: 'call', title: 'Call this tool', icon: 'play', keys: 'mod+enter', run: press },
    { id: 'curl', title: 'Copy the call as curl', icon: 'copy', run: copy },
    { id: 'reset', title: 'Fill in the example again', icon: 'back', run: reset },
  ]);
  return (
    <>
      {approval !== undefined && (
        <ApprovalState
          approval={approval}
          isSame={isSame(payload, approval.arguments)}
          onFill={() => {
            if (isObject(approval.arguments)) writePayload(approval.arguments);
          }}
        />
      )}
      {examples.length > 1 && (
        <div className="cluster" role="group" aria-label="Examples">
          <span className="muted">Examples</span>
          {examples.map((example, index) => (
            <Button
              key={JSON.stringify(example)}
              size="s"
              onPress={() => {
                writePayload(example);
              }}
            >
              {`Example ${String(index + 1)}`}
            </Button>
          ))}
        </div>
      )}
      <PayloadSides
        noun="arguments"
        schema={tool.input_schema}
        payload={payload}
        text={text}
        fault={fault}
        problems={problems}
        onPayload={writePayload}
        onText={writeText}
        onReset={reset}
      />
      <ProblemList noun="arguments" problems={fault === undefined ? problems : none} isRefused={isRefused(state)} />
      <div className="submit-bar" role="group" aria-label="What to do with it">
        <Select<Wait> label="Wait at most" isLabelHidden options={waits} value={wait} onChange={setWait} />
        <Button icon="copy" onPress={copy}>
          Copy as curl
        </Button>
        {isPending && (
          <Button icon="stop" onPress={stop}>
            Stop waiting
          </Button>
        )}
        <Button kind="primary" icon="play" isPending={isPending} isDisabled={fault !== undefined} onPress={press}>
          {isApproved ? 'Make the approved call' : 'Call it'}
        </Button>
        <span className="submit-keys">
          <Keys keys="mod+enter" />
        </span>
      </div>
      {state.kind === 'done' && <Answer result={state.result} />}
      {state.kind === 'failed' && <Failure tool={tool} error={state.error} />}
      <Confirm
        isOpen={isAsking}
        title={`Call ${tool.name}?`}
        verb="Call it"
        isDanger
        onConfirm={() => {
          make();
          return Promise.resolve();
        }}
        onClose={() => {
          setAsking(false);
        }}
      >
        It removes, overwrites or runs what it is given, and this tenant asks no person to approve it first.
      </Confirm>
    </>
  );
};

const isRefused = (state: { readonly kind: string; readonly error?: unknown }): boolean =>
  state.kind === 'failed' && isApiError(state.error, 'invalid_args');
