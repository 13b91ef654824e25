// For every route with a parameter, a place that it shows. A page with one adds its line: `every-page.cases.ts` fails until
// it has.
import type { Scene } from './scene.js';

type SampleOf = (scene: Scene) => string;

const samples: Readonly<Record<string, SampleOf>> = {
  '/tasks/$taskId': ({ completed }) => `/tasks/${completed}`,
  '/dead-letters/$deadLetterId': ({ deadLetter }) => `/dead-letters/${deadLetter}`,
  '/datasets/$name': ({ dataset }) => `/datasets/${dataset}`,
  '/memories/$memoryId': ({ memory }) => `/memories/${memory}`,
  '/memory/$memoryId': ({ memory }) => `/memory/${memory}`,
  '/conversations/$conversationId': ({ conversation }) => `/conversations/${conversation}`,
  '/schedules/$name': ({ schedule }) => `/schedules/${schedule}`,
  '/$': () => '/no/such/place',
  '/agents/$agent': () => '/agents/dash',
  '/workflows/$name': () => '/workflows/sample',
  '/mcp/servers/$name': () => '/mcp/servers/github',
  '/mcp/tools/$name': () => '/mcp/tools/github__repo_get',
  '/runs/$taskId': ({ run }) => `/runs/${run}`,
};

/** A place of the route. @throws Error when the route has a parameter and no sample */
export const placeOf = (route: string, scene: Scene): string => {
  if (!route.includes('$')) return route;
  const sample = samples[route];
  if (sample === undefined) throw new Error(`test/route-samples.ts has no place for the route ${route}`);
  return sample(scene);
};
