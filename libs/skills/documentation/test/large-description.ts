// A description of the size of GitHub's, with its shapes: many operations, shared schemas that refer to one another, long examples.

const words =
  'the repository owner runs a workflow whose artifacts are kept for ninety days unless a policy says otherwise';

const schema = (index: number, count: number): unknown => ({
  type: 'object',
  required: ['id', 'name'],
  description: `Resource ${index}: ${words}.`,
  properties: {
    id: { type: 'integer', format: 'int64', example: index },
    name: { type: 'string', description: `Name; ${words}` },
    parent: { $ref: `#/components/schemas/Resource${(index * 7 + 1) % count}` },
    others: { type: 'array', items: { $ref: `#/components/schemas/Resource${(index * 3 + 2) % count}` } },
    settings: {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 12 }, (_, at) => [`setting_${at}`, { type: ['string', 'null'], description: words }]),
      ),
    },
  },
});

const operation = (index: number, method: string, count: number): unknown => ({
  operationId: `resource-${index}/${method}`,
  summary: `${method} of resource ${index}`,
  tags: [`area-${index % 40}`],
  description: `**${method}** of [resource ${index}](https://example.com/${index}).\n\n${words}. `.repeat(6),
  parameters: [{ $ref: '#/components/parameters/page' }],
  responses: {
    '200': {
      description: 'Response',
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/Resource${index % count}` },
          examples: { default: { value: { id: index, name: words, notes: Array.from({ length: 60 }, () => words) } } },
        },
      },
    },
  },
});

/** @param paths of two operations each; 720 give 13 MB */
export const largeDescription = (paths: number): string => {
  const count = Math.ceil(paths * 0.8);
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'A large API', version: '1.0.0' },
    paths: Object.fromEntries(
      Array.from({ length: paths }, (_, index) => [
        `/areas/${index % 40}/resources/${index}`,
        { get: operation(index, 'get', count), put: operation(index, 'put', count) },
      ]),
    ),
    components: {
      parameters: { page: { name: 'page', in: 'query', schema: { type: 'integer', default: 1 } } },
      schemas: Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`Resource${index}`, schema(index, count)]),
      ),
    },
  });
};
