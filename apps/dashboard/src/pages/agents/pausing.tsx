// Pausing an agent or a task type and resuming it: asked for with a reason, undone by its inverse.
import type { Pause, PauseList } from '@pulser/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';

import { api } from '../../api/client.js';
import { useCommands } from '../../app/commands.js';
import { useCaller, useMay } from '../../session/session.js';
import { toast } from '../../ui/toast.js';
import { pausePath, pausesQuery, type PauseTarget, type Scope } from './agent-queries.js';

// Widgets of a dialog are more than the pages that open it.
const PauseDialog = lazy(() =>
  import('./pause-dialog.js').then(({ PauseDialog: component }) => ({ default: component })),
);

/** Whose pauses the caller makes. */
export const useScope = (): Scope => (useCaller()?.tenant === null ? 'installation' : 'tenant');

export const targetOf = ({ agent, task_type: type }: Pick<Pause, 'agent' | 'task_type'>): PauseTarget =>
  agent === null ? { kind: 'task-types', name: type ?? '' } : { kind: 'agents', name: agent };

/** The pause of that target which the caller may end: an operator of a tenant does not end one that holds for all. */
export const ownPause = (pauses: readonly Pause[], target: PauseTarget, scope: Scope): Pause | undefined =>
  pauses.find((pause) => {
    const { kind, name } = targetOf(pause);
    return kind === target.kind && name === target.name && (scope === 'installation' || !pause.for_all_tenants);
  });

export interface Pausing {
  /** Asks for the reason, and pauses. */
  readonly ask: (target: PauseTarget) => void;
  readonly resume: (target: PauseTarget, reason?: string | null) => void;
  readonly mayAct: boolean;
  readonly scope: Scope;
  /** To be put into the page. */
  readonly dialog: ReactNode;
}

/** What pauses and resumes, for pages that show agents or task types. */
export const usePausing = (): Pausing => {
  const client = useQueryClient();
  const scope = useScope();
  const mayAct = useMay('operator');
  const [asked, setAsked] = useState<PauseTarget>();

  const shown = (answer: PauseList): void => {
    client.setQueryData(pausesQuery(scope).queryKey, answer);
  };
  const pause = async (target: PauseTarget, reason: string): Promise<void> => {
    const body = reason === '' ? {} : { reason };
    shown(await api.post<PauseList>(pausePath(scope, target, 'pause'), body));
    toast.done(`${target.name} is paused`, () => {
      resume(target, reason);
    });
  };
  const resume = (target: PauseTarget, reason?: string | null): void => {
    const run = async (): Promise<void> => {
      try {
        shown(await api.post<PauseList>(pausePath(scope, target, 'resume')));
        toast.done(`${target.name} is resumed`, () => {
          pause(target, reason ?? '').catch((error: unknown) => {
            toast.failed(`${target.name} is not paused`, error);
          });
        });
      } catch (error) {
        toast.failed(`${target.name} is not resumed`, error);
      }
    };
    void run();
  };
  const dialog = asked !== undefined && (
    <Suspense>
      <PauseDialog
        key={`${asked.kind} ${asked.name}`}
        target={asked}
        scope={scope}
        onPause={(reason) => pause(asked, reason)}
        onClose={() => {
          setAsked(undefined);
        }}
      />
    </Suspense>
  );
  return { ask: setAsked, resume, mayAct, scope, dialog };
};

/** Pausing and resuming in the palette, for each of these agents. */
export const usePauseCommands = (agents: readonly string[], pauses: readonly Pause[], pausing: Pausing): void => {
  useCommands(
    'Agents',
    pausing.mayAct
      ? agents.map((name) => {
          const target: PauseTarget = { kind: 'agents', name };
          const pause = ownPause(pauses, target, pausing.scope);
          return pause === undefined
            ? {
                ...{ id: `pause-${name}`, title: `Pause ${name}`, icon: 'pause' },
                run: () => {
                  pausing.ask(target);
                },
              }
            : {
                ...{ id: `resume-${name}`, title: `Resume ${name}`, icon: 'play' },
                run: () => {
                  pausing.resume(target, pause.reason);
                },
              };
        })
      : [],
  );
};
