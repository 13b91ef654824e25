import {
  coverageComplaint,
  findingsIn,
  placesOf,
  readsByRoute,
  reportOf,
  sceneComplaint,
  streamsOf,
} from './report.policy.mjs';

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
    const wanted = ['/api/a', '/api/b/{id}'];
    expect(coverageComplaint(reads(line('/api/a', 3), line('/api/b/:id', 9)), wanted)).toBeUndefined();
    expect(coverageComplaint(reads(line('/api/a', 3), line('/api/b/:id', 1)), wanted)).toMatch(
      /missed \/api\/b\/\{id\}$/,
    );
    expect(coverageComplaint(reads(), wanted)).toMatch(/all 2 routes/);
  });
});

const finding = (level, path = '/a') => ({ method: 'GET', path, info: 'it is so', level, parameter: '' });
const report = (...found) => findingsIn({ vulnerabilities: { 'SQL Injection': found }, anomalies: {} });

describe('the report of a scan', () => {
  it('fails on what is of level medium or worse', () => {
    expect(reportOf(report(), []).failed).toBe(false);
    expect(reportOf(report(finding(0), finding(1)), []).failed).toBe(false);
    for (const level of [2, 3, 4, '3']) expect(reportOf(report(finding(level)), []).failed).toBe(true);
  });

  it('fails on a level that it does not know', () => {
    expect(reportOf(report(finding(undefined)), []).failed).toBe(true);
    expect(reportOf(report(finding(9)), []).failed).toBe(true);
  });

  it('passes what is explained, there and nowhere else', () => {
    const explained = [{ category: 'SQL Injection', path: /^\/a$/, why: 'no database behind it' }];
    expect(reportOf(report(finding(3)), explained)).toMatchObject({ failed: false });
    expect(reportOf(report(finding(3)), explained).lines[0]).toMatch(/^high: .* - fine: no database behind it$/);
    expect(reportOf(report(finding(3, '/ab')), explained).failed).toBe(true);
    expect(reportOf(report(finding(3)), [{ ...explained[0], category: 'XSS' }]).failed).toBe(true);
  });

  it('has the worst first, of anomalies too', () => {
    const found = findingsIn({ vulnerabilities: { A: [finding(1)] }, anomalies: { B: [finding(3)] } });
    expect(found.map(({ category }) => category)).toEqual(['B', 'A']);
  });
});

const document = {
  paths: {
    '/tasks': {
      get: {
        parameters: [
          { name: 'limit', in: 'query' },
          { name: 'priority', in: 'query', schema: { enum: ['high', 'low'] } },
          { name: 'cursor', in: 'query' },
          { name: 'format', in: 'query', schema: { enum: ['csv', 'ndjson'] } },
          { name: 'ETag', in: 'header' },
        ],
      },
      post: {},
    },
    '/tasks/{id}/files/{name}': { get: {} },
    '/tasks/{id}/events': { get: {} },
    '/tasks/batch': { post: {} },
  },
};

describe('the places of an API that are scanned', () => {
  it('are all that can be read, with every parameter of path and query, and where to read on apart', () => {
    expect(placesOf(document, { tasks: 'a/b' })).toEqual([
      { route: '/tasks', places: ['/tasks?limit=5&priority=high', '/tasks?cursor=x', '/tasks?format=csv'] },
      { route: '/tasks/{id}/files/{name}', places: ['/tasks/a%2Fb/files/x'] },
    ]);
  });

  it('have the streams apart, which do not end', () => {
    expect(streamsOf(document, { tasks: 'a' })).toEqual(['/tasks/a/events']);
  });

  it('must be readable, but for those that have a reason not to be', () => {
    const start = '/api/v1/sessions/oidc/start';
    expect(
      sceneComplaint(
        new Map([
          ['/api/a', 200],
          [start, 404],
        ]),
      ),
    ).toBeUndefined();
    expect(sceneComplaint(new Map([['/api/a', 404]]))).toMatch(/\/api\/a answers 404$/);
    expect(sceneComplaint(new Map([[start, 200]]))).toMatch(/oidc\/start answers 200$/);
  });
});
