import Fastify from 'fastify';

const text = { type: 'string' };
const submitting = {
  body: { type: 'object' },
  response: { 202: { type: 'object', properties: { id: text } } },
};
const reading = (id) => ({
  params: { type: 'object', properties: { id } },
  response: { 200: { type: 'object', properties: { id: text, status: text } } },
});

/**
 * The HTTP side of a peer on Node.
 * @param {object} peer
 * @param {object} peer.id schema of an id
 * @param {(task: object) => Promise<string>} peer.submit keeps a task, durably, and gives its id
 * @param {(id: string) => Promise<string | undefined>} peer.statusOf "completed" for a finished task; undefined for an unknown one
 */
export async function serve({ id: idSchema, submit, statusOf }) {
  const app = Fastify();
  app.post('/tasks', { schema: submitting }, async ({ body }, reply) => {
    const id = await submit(body);
    return reply.code(202).send({ id });
  });
  app.get('/tasks/:id', { schema: reading(idSchema) }, async ({ params: { id } }, reply) => {
    const status = await statusOf(id);
    return status === undefined ? reply.code(404).send() : { id, status };
  });
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
  process.stdout.write('ready\n');
}
