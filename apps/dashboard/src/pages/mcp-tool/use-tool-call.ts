// A call from the page: one at a time, of which nothing is kept in a cache.
import type { CallTool, ToolCallResult } from '@pulser/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { mcpPath } from '../../mcp/mcp-queries.js';

export type CallState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'done'; readonly result: ToolCallResult }
  | { readonly kind: 'failed'; readonly error: unknown };

type Order = Omit<CallTool, 'idempotency_key'>;

/** Whether the call may have been made although no answer came. */
const isUnanswered = (error: unknown): boolean =>
  isApiError(error) && (error.code === 'unreachable' || error.code === 'timeout');

/**
 * @param onAsked persons have to approve the call: with the id of the approval
 * @returns what became of the last call, what makes one, and what stops waiting for it
 */
export const useToolCall = (name: string, onAsked: (approvalId: string) => void) => {
  const client = useQueryClient();
  const [state, setState] = useState<CallState>({ kind: 'idle' });
  const waiting = useRef<AbortController>(undefined);
  const unanswered = useRef<{ readonly text: string; readonly key: string }>(undefined);
  useEffect(
    () => () => {
      waiting.current?.abort();
    },
    [],
  );
  /** The same order after a lost answer is the same call; any other is a new one. */
  const keyOf = (order: Order): string => {
    const text = JSON.stringify(order);
    return unanswered.current?.text === text ? unanswered.current.key : crypto.randomUUID();
  };
  const call = async (order: Order): Promise<void> => {
    const gone = new AbortController();
    waiting.current = gone;
    const key = keyOf(order);
    setState({ kind: 'pending' });
    try {
      // An approval makes a call once by itself.
      const body = order.approval_id === undefined ? { ...order, idempotency_key: key } : order;
      const path = `${mcpPath}/tools/${encodeURIComponent(name)}/call`;
      const result = await api.post<ToolCallResult>(path, body, { signal: gone.signal });
      unanswered.current = undefined;
      setState({ kind: 'done', result });
    } catch (error) {
      unanswered.current = isUnanswered(error) ? { text: JSON.stringify(order), key } : undefined;
      setState(gone.signal.aborted ? { kind: 'idle' } : { kind: 'failed', error });
      const asked = isApiError(error, 'approval_required') ? error.facts.problem?.['approval_id'] : undefined;
      if (typeof asked === 'string') onAsked(asked);
    }
    void client.invalidateQueries({ queryKey: ['mcp', 'calls'] });
    void client.invalidateQueries({ queryKey: ['approvals'] });
  };
  return {
    state,
    call: (order: Order): void => void call(order),
    stop: (): void => {
      waiting.current?.abort();
    },
  };
};
