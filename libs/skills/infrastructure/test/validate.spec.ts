import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runOperation } from '@pulser/agent-runtime/testing';

import { infrastructure } from '../src/infrastructure.skill.js';
import { ValidateResult } from '../src/validate/validate-contract.js';
import { places, run, validate } from './run.js';

const pod = (container: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: one }\nspec:\n  containers:\n    - ${container}\n`;

describe('validate', () => {
  it('says for each finding where, what and why, and how it is repaired', async () => {
    const { findings, rules, valid } = await validate('kubernetes', pod('{ name: web, imagee: nginx }'));
    expect(valid).toBe(false);
    expect(findings).toContainEqual({
      rule: 'k8s-service-account-token',
      severity: 'warning',
      message: expect.any(String) as string,
      document: 'file-1',
      line: 5,
      column: 3,
      path: '/spec',
      resource: 'Pod/one',
    });
    expect(findings).toContainEqual({
      rule: 'unknown-field',
      severity: 'error',
      message: 'The field "imagee" is not known here; did you mean "image"?',
      document: 'file-1',
      line: 6,
      column: 20,
      path: '/spec/containers/0/imagee',
      resource: 'Pod/one',
    });
    for (const { rule } of findings) expect(rules.map(({ id }) => id)).toContain(rule);
    for (const { reason, fix } of rules) expect(`${reason}${fix}`.length).toBeGreaterThan(20);
  });

  it('reads a file that another task made, up to a megabyte', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'documents-'));
    const [small, large] = [join(folder, 'pod.yaml'), join(folder, 'large.yaml')];
    writeFileSync(small, pod('{ name: web, imagee: nginx }'));
    writeFileSync(large, `# ${'x'.repeat(1_000_000)}`);
    const task = 'artifact:0198c7a0-0000-7000-8000-000000000003';
    const data = { [`${task}/pod.yaml`]: { path: small }, [`${task}/large.yaml`]: { path: large } };
    const check = (artifact: string) =>
      runOperation(
        infrastructure,
        { operation: 'validate', format: 'kubernetes', documents: [{ name: 'pod.yaml', artifact }] },
        { data },
      );

    const { result, opened } = await check(`${task}/pod.yaml`);
    expect(opened).toEqual([`${task}/pod.yaml`]);
    expect(places(ValidateResult.parse(result))).toContain('unknown-field 6');
    await expect(check(`${task}/large.yaml`)).rejects.toMatchObject({ code: 'document_too_large' });
    await expect(check(`${task}/other.yaml`)).rejects.toMatchObject({ code: 'data_not_found' });
    rmSync(folder, { recursive: true });
  });

  it('does not check kinds that it does not know, and says so', async () => {
    const manifest =
      'apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: a }\nspec: { anything: 1 }\n';
    expect(await validate('kubernetes', `---\n${manifest}`)).toMatchObject({
      checked: 0,
      findings: [],
      not_checked: [{ line: 2, what: 'cert-manager.io/v1/Certificate a' }],
    });
  });

  it('looks into the items of a List, and at the manifests of all texts as one set', async () => {
    const service = '{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selector: {app: a}, prots: []}}';
    const list = await validate('kubernetes', `apiVersion: v1\nkind: List\nitems:\n  - ${service}`);
    expect(list.findings).toMatchObject([{ rule: 'unknown-field', line: 4, resource: 'Service/a' }]);
    const twice = service.replace(', prots: []', '');
    expect(places(await validate('kubernetes', [twice, twice]))).toEqual(['k8s-duplicate-name 1']);
  });

  it('reads JSON as well', async () => {
    const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, dta: {} }, null, 2);
    expect(places(await validate('kubernetes', manifest))).toEqual(['unknown-field 7']);
  });

  it('takes null for a field that is not there, as the API does', async () => {
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n  creationTimestamp: null\n';
    expect(places(await validate('kubernetes', manifest))).toEqual([]);
  });

  it('counts what it was told to ignore', async () => {
    const spec = pod('{ name: web, image: nginx }');
    const { findings, ignored } = await validate('kubernetes', spec, { ignore: ['k8s-image-tag'] });
    expect(findings.map(({ rule }) => rule)).not.toContain('k8s-image-tag');
    expect(ignored).toEqual({ 'k8s-image-tag': 1 });
    await expect(validate('kubernetes', spec, { ignore: ['k8s-imagetag'] })).rejects.toMatchObject({
      code: 'invalid_payload',
    });
  });

  it('says when a text holds nothing, or more than it may', async () => {
    expect(await validate('compose', '# nothing\n')).toMatchObject({ checked: 0, not_checked: [{ line: 1 }] });
    const two = 'name: a-b\n---\nname: c-d\n';
    expect(places(await validate('app-platform', two))).toEqual(['one-document 3']);
  });

  it('names the forms of a value that has the wrong one', async () => {
    const { findings } = await validate('compose', 'services:\n  a:\n    build: 5\n    command: { a: 1 }\n');
    expect(
      findings.filter(({ rule }) => rule === 'wrong-type').map(({ line, message }) => `${line} ${message}`),
    ).toEqual(['3 It must be string or object', expect.stringMatching(/^4 It must be /) as string]);
  });

  it.each([
    ['kubernetes', pod('{ name: a, image: b:1 }\n    - { name: a, image: b:1 }'), 'k8s-duplicate-container 7'],
    ['app-platform', 'name: ab\njobs:\n  - name: cd\n    schedule: { cron: "0 25 * * *" }', 'app-schedule 4'],
    ['app-platform', 'name: ab\nservices:\n  - name: cd\n    http_port: 80\n    internal_ports: [80]', 'app-port 5'],
    [
      'app-platform',
      'name: ab\ningress:\n  rules:\n    - match: { path: { prefix: / } }\n    - match: { path: { prefix: / } }',
      'app-ingress-path 5',
    ],
    ['compose', 'services:\n  a:\n    build: .\n    scale: 2\n    container_name: b', 'compose-container-name 5'],
  ] as const)('finds in %s what no fault was planted for: %#', async (format, text, place) => {
    expect(places(await validate(format, text))).toContain(place);
  });

  it('finds nothing wrong in the compose file of this repository but what it says itself', async () => {
    const file = readFileSync(new URL('../../../../docker-compose.yml', import.meta.url), 'utf8');
    const { errors, findings } = await validate('compose', file);
    process.stdout.write(`${findings.map(({ line, rule, message }) => `${line} ${rule}: ${message}`).join('\n')}\n`);
    expect(errors).toBe(0);
    // PostgreSQL and RabbitMQ run as their images are made; the file says that it is for development.
    expect(findings.filter(({ rule }) => rule !== 'compose-read-only-root')).toEqual([]);
  });

  it('runs its examples as they stand', async () => {
    // That of deploy needs a cluster: deploy.spec.ts runs it.
    const offline = infrastructure.operations.filter(({ name }) => name !== 'deploy');
    for (const { example } of offline) expect(await run(example as never)).toBeDefined();
  });

  it('takes pods of custom resources for what a budget protects', async () => {
    const budget = (name: string): string =>
      `apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: broker }\nspec: { maxUnavailable: 1, selector: { matchLabels: { app.kubernetes.io/name: ${name} } } }\n`;
    const cluster = 'apiVersion: rabbitmq.com/v1beta1\nkind: RabbitmqCluster\nmetadata: { name: broker }\n';
    const found = async (name: string): Promise<string[]> => {
      const { findings } = await validate('kubernetes', [
        pod('{ name: web, image: nginx:1.29 }'),
        cluster,
        budget(name),
      ]);
      return findings.map(({ rule }) => rule).filter((rule) => rule === 'k8s-pdb-target');
    };
    expect(await found('broker')).toEqual([]);
    expect(await found('another')).toEqual(['k8s-pdb-target']);
  });
});
