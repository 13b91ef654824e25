import { coverageComplaint, readsByRoute } from './coverage.policy.mjs';

const line = (route, count, method = 'GET', status = '2xx') =>
  `http_server_request_duration_seconds_count{service="gateway",method="${method}",route="${route}",status="${status}"} ${count}`;

const reads = (...lines) => readsByRoute(['# HELP x', ...lines, 'other_total 3', ''].join('\n'));

describe('the coverage of a scan', () => {
  it('counts what was read of the API with success', () => {
    const found = reads(
      line('/api/a', 3),
      line('/api/a', 9, 'POST'),
      line('/api/a', 9, 'GET', '4xx'),
      line('/docs', 9),
    );
    expect([...found]).toEqual([['/api/a', 3]]);
  });

  it('is too little when a route was not reached', () => {
    expect(coverageComplaint(reads(line('/api/a', 3), line('/api/b', 2)), 2)).toBeUndefined();
    expect(coverageComplaint(reads(line('/api/a', 3), line('/api/b', 1)), 2)).toMatch(/reached 1 routes .* 2$/);
    expect(coverageComplaint(reads(), 2)).toMatch(/reached 0 routes/);
  });
});
