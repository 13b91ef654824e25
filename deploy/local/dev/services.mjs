/** The services that run apart, and the offset of their port from the gateway's. */
export const services = [
  { name: 'gateway', main: 'apps/gateway/dist/main.js', login: 'pulser_app', brokerUser: 'gateway', port: 0 },
  { name: 'router', main: 'apps/router/dist/main.js', login: 'pulser_service', brokerUser: 'router', port: 1 },
  { name: 'dash', main: 'apps/agents/dash/dist/main.js', login: 'pulser_service', brokerUser: 'worker-dash', port: 10 },
];

export const projects = ['apps/gateway', 'apps/router', 'apps/agents/dash', 'apps/cli'];

/** The administrator's URL with a service's login in it; in development the logins have the administrator's password. */
export function urlFor(login, administratorUrl) {
  const url = new URL(administratorUrl);
  url.username = login;
  return url.href;
}
