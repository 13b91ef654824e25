const managementUrl = (): URL => {
  const url = process.env['AMQP_MANAGEMENT_URL'];
  if (url === undefined) throw new Error('AMQP_MANAGEMENT_URL is not set: run the tests through `npm test`');
  return new URL(url);
};

/** Asks the broker, as its administrator, for something that AMQP has no words for. https://www.rabbitmq.com/docs/http-api-reference */
export const manageBroker = async (method: 'PUT' | 'POST' | 'DELETE', path: string, body = {}): Promise<void> => {
  const { origin, username, password } = managementUrl();
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const response = await fetch(`${origin}/api/${path}`, {
    method,
    headers: { authorization: `Basic ${credentials.toString('base64')}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
};
