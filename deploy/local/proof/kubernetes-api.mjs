// An API server with etcd and the controllers, built once from Debian's sources: no nodes, so pods stay pending until a test
// reports them ready.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sayWhile } from '../progress.mjs';
import { lastLines, runCommand } from '../run-command.mjs';
import { workspaceRoot } from '../workspace.mjs';
import { CannotProve } from './cannot-prove.mjs';

const programs = ['kube-apiserver', 'kube-controller-manager'];
const cache = join(workspaceRoot, '.pulser/proof/kubernetes');
const token = 'token-of-the-proof';
const startLimitMs = 120_000;

const requireDebianRoot = () => {
  if (process.getuid() !== 0) throw new CannotProve('building an API server installs packages, as root');
  if (!existsSync('/etc/apt/sources.list.d/debian.sources'))
    throw new CannotProve('the API server is built from sources of Debian, which this machine does not name');
};

const run = async (command, args, options) => {
  const { code, stdout, stderr } = await runCommand(command, args, options);
  if (code !== 0) throw new CannotProve(`${command}: ${lastLines(stderr || stdout, 2)}`);
};

// Version 1.20 with all it needs: later ones would need modules from the network.
const script = `
set -e
cd "$1"
sed 's/^Types: deb$/Types: deb-src/' /etc/apt/sources.list.d/debian.sources > sources.sources
mkdir -p lists
sources="-o Dir::Etc::sourcelist=$1/sources.sources -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=$1/lists"
if [ ! -d tree ]; then
  apt-get $sources update
  apt-get install -y --no-install-recommends golang-1.19-go rsync dpkg-dev make
  apt-get $sources source --download-only kubernetes
  rm -rf unpacked
  dpkg-source -x kubernetes_*.dsc unpacked
  mv unpacked tree
fi
cd tree
export PATH=/usr/lib/go-1.19/bin:$PATH GO111MODULE=off CGO_ENABLED=0 FORCE_HOST_GO=y GOFLAGS=
make WHAT="cmd/kube-apiserver cmd/kube-controller-manager"
cp _output/local/bin/linux/*/kube-apiserver _output/local/bin/linux/*/kube-controller-manager "$1"
`;

const build = async () => {
  if (programs.every((program) => existsSync(join(cache, program)))) return;
  // In one place: Go goes on where a build was broken off.
  const folder = join(cache, 'build');
  mkdirSync(folder, { recursive: true });
  await sayWhile('Building an API server, once: some ten minutes', () => run('sh', ['-c', script, 'sh', folder]));
  for (const program of programs) renameSync(join(folder, program), join(cache, program));
  rmSync(folder, { recursive: true, force: true });
};

const installEtcd = async () => {
  if (existsSync('/usr/bin/etcd')) return;
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'etcd-server']);
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const launch = (folder, name, command, args) => {
  const log = openSync(join(folder, `${name}.log`), 'a');
  return spawn(command, args, { stdio: ['ignore', log, log], cwd: folder });
};

const ended = (child) => child.exitCode !== null || child.signalCode !== null;

const untilReady = async (url, folder, children) => {
  const until = Date.now() + startLimitMs;
  for (;;) {
    const { stdout } = await runCommand('curl', ['-sk', '-H', `authorization: Bearer ${token}`, `${url}/readyz`]);
    if (stdout === 'ok') return;
    if (children.some(ended) || Date.now() > until)
      throw new CannotProve(
        `the API server does not start: ${lastLines(readFileSync(join(folder, 'api.log'), 'utf8'), 2)}`,
      );
    await pause(200);
  }
};

// Signed by itself, for the address that the server listens on; its key also signs tokens of service accounts.
const makeCertificate = (folder) =>
  run(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', '/CN=proof', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', 'key.pem', '-out', 'cert.pem'],
    ],
    { cwd: folder },
  );

const kubeconfigOf = (url, certificate) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'proof',
    contexts: [{ name: 'proof', context: { cluster: 'proof', user: 'proof', namespace: 'default' } }],
    clusters: [
      {
        name: 'proof',
        cluster: { server: url, 'certificate-authority-data': certificate.toString('base64') },
      },
    ],
    users: [{ name: 'proof', user: { token } }],
  });

const apiArguments = (etcdUrl, port) => [
  `--etcd-servers=${etcdUrl}`,
  `--secure-port=${port}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  '--tls-cert-file=cert.pem',
  '--tls-private-key-file=key.pem',
  '--token-auth-file=tokens.csv',
  '--authorization-mode=RBAC',
  '--service-account-issuer=https://proof.test',
  '--service-account-key-file=cert.pem',
  '--service-account-signing-key-file=key.pem',
  '--service-cluster-ip-range=10.96.0.0/16',
  // Pods have no accounts here.
  '--disable-admission-plugins=ServiceAccount',
];

/** @returns variables for the proof, and how to stop. @throws CannotProve */
export async function startKubernetes() {
  requireDebianRoot();
  await build();
  await installEtcd();
  const folder = mkdtempSync(join(tmpdir(), 'pulser-api-'));
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  const url = `https://127.0.0.1:${port}`;
  const etcdUrl = `http://127.0.0.1:${client}`;
  await makeCertificate(folder);
  const kubeconfig = kubeconfigOf(url, readFileSync(join(folder, 'cert.pem')));
  writeFileSync(join(folder, 'kubeconfig'), kubeconfig);
  writeFileSync(join(folder, 'tokens.csv'), `${token},proof,proof,system:masters\n`);
  const etcd = launch(folder, 'etcd', 'etcd', [
    ...['--data-dir', join(folder, 'etcd'), '--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
    ...['--listen-peer-urls', `http://127.0.0.1:${peer}`, '--unsafe-no-fsync'],
  ]);
  const api = launch(folder, 'api', join(cache, 'kube-apiserver'), apiArguments(etcdUrl, port));
  const children = [api, etcd];
  const stop = async () => {
    for (const child of children) {
      child.kill('SIGKILL');
      while (!ended(child)) await pause(20);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await sayWhile('Starting an API server', () => untilReady(url, folder, children));
    const controllers = ['--kubeconfig=kubeconfig', '--port=0', '--secure-port=0', '--leader-elect=false'];
    children.unshift(launch(folder, 'controllers', join(cache, 'kube-controller-manager'), controllers));
    return { variables: { PROOF_KUBECONFIG: kubeconfig }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
