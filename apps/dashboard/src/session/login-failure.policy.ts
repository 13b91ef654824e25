// Why a login at the identity provider made no session, in a sentence that says what to do.
import type { LoginFailure } from '@pulser/contracts';

const sentences: Readonly<Record<LoginFailure, string>> = {
  denied: 'The identity provider did not let you in, or you cancelled there. Try again, perhaps with another account.',
  refused:
    'The identity provider does not accept what Pulser asks for. Whoever runs Pulser can mend it: OIDC_CLIENT_ID, OIDC_SCOPES and the address that is registered there.',
  invalid: 'What came back from the identity provider does not belong to a login of this browser. Log in once more.',
  expired: 'The login took longer than 10 minutes, or began in another browser. Log in once more.',
  no_rights:
    'You are known there, and have no rights here: your account names no tenant, one that does not exist, or no role. An administrator of the identity provider sets both.',
  unavailable: 'The identity provider or Pulser cannot be reached now. Try again in a minute, or use an API key.',
  too_many: 'There were too many logins and requests of yours in a short time. Try again in a minute.',
  insecure: 'The login came over a connection that can be read on the way. Open the page over https.',
};

/** The sentence of a reason; undefined for a word that is none of ours: anybody can write an address. */
export const loginFailureText = (failed: string | undefined): string | undefined =>
  failed !== undefined && Object.hasOwn(sentences, failed) ? sentences[failed as LoginFailure] : undefined;
