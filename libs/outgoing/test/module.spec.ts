import { Injectable, Module, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Env } from '@pulser/service-kit';

import { OutgoingClient, outgoingEnv, OutgoingModule } from '../src/index.js';
import { codeOf } from './guarded.js';
import { Site } from './site.js';

class SampleEnv extends Env(outgoingEnv) {}

@Injectable()
class Checks {
  constructor(readonly client: OutgoingClient) {}
}

@Module({ providers: [Checks] })
class ChecksModule {}

const request = async (site: Site, allow: string): Promise<unknown> => {
  const env = SampleEnv.read({ OUTGOING_PORTS: String(site.port), OUTGOING_ALLOW: allow });
  const imports = [OutgoingModule.forRoot(env), ChecksModule];
  const options: Pick<NestApplicationOptions, 'logger'> = { logger: false };
  const app = await NestFactory.createApplicationContext({ module: class App {}, imports }, options);
  const end = await codeOf(app.get(Checks, { strict: false }).client.request(site.at('127.0.0.2')));
  await app.close();
  return end;
};

describe('a service', () => {
  it('has one client in all its modules, with the limits of its environment', async () => {
    const site = await Site.start((_, answer) => answer.end('checked'));

    expect(await request(site, '')).toBe('address_not_public');
    expect(site.connections).toBe(0);
    expect(await request(site, '127.0.0.2')).toMatchObject({ status: 200 });
    await site.close();
  });
});
