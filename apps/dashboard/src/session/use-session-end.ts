// What ends a session from outside: its time, its key, a logout in another tab.
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';

import { whenUnauthenticated } from '../api/client.js';
import type { ApiError } from '../api/problem.js';
import { live } from '../live/live.js';
import { withoutFragment } from './return.policy.js';
import { callerQuery, lastSessionEnd } from './session.js';
import { sessionEndOf } from './session-end.policy.js';

/** The session is over: to the login, and back to here afterwards. */
export const useSessionEnd = (): void => {
  const client = useQueryClient();
  const router = useRouter();
  useEffect(() => {
    // Once: several requests are refused at the same time, and from the login nobody goes back to the login.
    let hasLeft = false;
    const leave = (error?: unknown): void => {
      if (hasLeft) return;
      hasLeft = true;
      const caller = client.getQueryData(callerQuery.queryKey);
      const ended = error === undefined ? lastSessionEnd() : sessionEndOf(error, caller, Date.now());
      client.setQueryData(callerQuery.queryKey, null);
      void router.navigate({ to: '/login', search: { back: withoutFragment(router.state.location), ended } });
    };
    const leaveUnlessLoggedOut = (error: ApiError): void => {
      if (client.getQueryData(callerQuery.queryKey) !== null) leave(error);
    };
    const check = async (): Promise<void> => {
      const caller = await client.query({ ...callerQuery, staleTime: 0 }).catch(() => undefined);
      if (caller === null) leave();
    };
    const stops = [
      whenUnauthenticated(leaveUnlessLoggedOut),
      live.whenStatus(() => {
        if (live.status === 'ended') void check();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, router]);
};
