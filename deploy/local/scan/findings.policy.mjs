const levels = ['info', 'low', 'medium', 'high', 'critical'];
const serious = levels.indexOf('medium');

/** What wapiti found, worst first. Its JSON report lists by category; "additionals" say what it is made of. */
export const findingsIn = ({ vulnerabilities, anomalies = {} }) =>
  [vulnerabilities, anomalies]
    .flatMap(Object.entries)
    .flatMap(([category, found]) => found.map((finding) => ({ ...finding, category, level: Number(finding.level) })))
    .sort((a, b) => b.level - a.level);

const explains = (finding) => (reason) => reason.category === finding.category && reason.path.test(finding.path);

const lineOf = (finding, why) =>
  [
    `${levels[finding.level] ?? finding.level}: ${finding.category}: ${finding.method} ${finding.path}`,
    ...(finding.parameter ? [` (${finding.parameter})`] : []),
    ` ${finding.info}`,
    ...(why === undefined ? [] : [` - fine: ${why}`]),
  ].join('');

/** One line a finding; failed when one of level medium or worse has no reason in `explained`. */
export function reportOf(findings, explained) {
  const known = findings.map((finding) => ({ finding, why: explained.find(explains(finding))?.why }));
  const open = known.filter(({ finding, why }) => why === undefined && !(finding.level < serious));
  return {
    lines: [
      ...known.map(({ finding, why }) => lineOf(finding, why)),
      `${findings.length} findings, ${open.length} of them to be cured or explained`,
    ],
    failed: open.length > 0,
  };
}
