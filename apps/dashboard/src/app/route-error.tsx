import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';

import { ErrorState } from '../ui/error-state.js';
import { Page } from '../ui/page.js';

// A page that was built anew has other files: what an open tab still wants of the old ones is gone.
const isOldBuild = (error: unknown): boolean =>
  error instanceof Error && /dynamically imported module|module script failed|preload CSS/i.test(error.message);

/** What is shown in place of a page that failed. */
export const RouteError = ({ error, reset }: ErrorComponentProps) => {
  const router = useRouter();
  return (
    <Page title="Something went wrong">
      <ErrorState
        error={isOldBuild(error) ? new Error('Pulser was updated: load the page again') : error}
        onRetry={() => {
          if (isOldBuild(error)) {
            location.reload();
            return;
          }
          reset();
          void router.invalidate();
        }}
      />
    </Page>
  );
};
