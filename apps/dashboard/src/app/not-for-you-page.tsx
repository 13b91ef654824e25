import { useCaller } from '../session/session.js';
import { ButtonLink } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';
import { Page } from '../ui/page.js';
import type { PageRefusal } from './page-access.policy.js';

const titles = {
  role: 'Your role may not look at this',
  tenant: 'This page is about one tenant',
  installation: 'This page is about the whole installation',
} as const satisfies Record<PageRefusal['why'], string>;

const adviceOf = (refusal: PageRefusal): string => {
  switch (refusal.why) {
    case 'role':
      return `It takes the role ${refusal.needed}, and yours is ${refusal.role}. An administrator of your tenant can make you a key with that role.`;
    case 'tenant':
      return 'You are logged in with a key of the installation, which has no tasks, data or keys of its own. Log in with a key of a tenant.';
    case 'installation':
      return 'You are logged in as one tenant. Whoever runs Pulser has keys of the installation, which see what all tenants share.';
  }
};

interface NotForYouPageProps {
  /** Of the page that was wanted. */
  readonly title: string;
  readonly refusal: PageRefusal;
}

/** In place of a page that has nothing for this caller: why, and who can change that. */
export const NotForYouPage = ({ title, refusal }: NotForYouPageProps) => {
  const isOfInstallation = useCaller()?.tenant === null;
  return (
    <Page title={title}>
      <EmptyState
        icon="secrets"
        title={titles[refusal.why]}
        actions={
          isOfInstallation ? (
            <ButtonLink to="/agents">Go to the agents</ButtonLink>
          ) : (
            <ButtonLink to="/">Go to the overview</ButtonLink>
          )
        }
      >
        {adviceOf(refusal)}
      </EmptyState>
    </Page>
  );
};
