import { GatewayUnderTest } from './gateway-under-test.js';

let started: Promise<GatewayUnderTest> | undefined;

// Nothing that changes what other cases see.
const settings = { EVENT_STREAM_HEARTBEAT_S: '1', CORS_ORIGINS: 'https://app.dev' };

/** The one gateway of a spec file, which its first caller starts; each caller has tenants of its own. */
export const sharedGateway = async (): Promise<GatewayUnderTest> => {
  started ??= GatewayUnderTest.start(() => settings);
  return (await started).scoped();
};

/** To be called when all cases of the spec file are done. */
export const stopSharedGateway = async (): Promise<void> => {
  await (await started)?.stop();
};
