import { ButtonLink } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';
import { Page } from '../ui/page.js';

export const NotFoundPage = () => (
  <Page title="Not found">
    <EmptyState
      icon="search"
      title="There is no such page"
      actions={
        <ButtonLink to="/" kind="primary">
          Go to the overview
        </ButtonLink>
      }
    >
      The address may be mistyped, or from another version of Pulser.
    </EmptyState>
  </Page>
);
