import { findingsIn, reportOf } from './findings.policy.mjs';

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
