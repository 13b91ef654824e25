import { Service, type ServiceOptions } from './service.js';

/** Starts services side by side, in the order given. @throws when one does not start; then none of them runs */
export const startTogether = async (wanted: readonly ServiceOptions[]): Promise<Service[]> => {
  const outcomes = await Promise.allSettled(wanted.map((options) => Service.start(options)));
  const services = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return services;
  await Promise.allSettled(services.map((service) => service.stop()));
  throw failed.reason;
};
