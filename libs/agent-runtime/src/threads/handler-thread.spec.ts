import { threadEnvironment } from './handler-thread.js';

describe('the environment of a thread', () => {
  it('holds no secret', () => {
    expect(threadEnvironment({ PATH: '/bin', DATABASE_URL: 'postgres://a:b@c', TOKEN: 'x', TZ: undefined })).toEqual({
      PATH: '/bin',
    });
  });
});
