// Ends child processes that outlive this process. A server that is well ends when its stdin ends; one that does not, and
// whatever it has started, would stay behind when this process is killed.
import { type ChildProcess, spawn } from 'node:child_process';

// One shell for all children: it reads `+<group>` and `-<group>`, and when its stdin ends, which the kernel sees to however
// this process ends, it kills the groups that are left. It takes 1 MB and no time.
const script = `
groups=' '
while read -r change; do
  group=\${change#?}
  case $change in
    +*) groups="$groups$group " ;;
    -*) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`;

/** The process groups of children, ended with this process. */
export class ChildGuard {
  private readonly groups = new Set<number>();
  private shell: ChildProcess | undefined;
  private isOver = false;

  add(group: number): void {
    this.groups.add(group);
    if (this.shell === undefined) this.start();
    else this.write(`+${group}\n`);
  }

  remove(group: number): void {
    if (this.groups.delete(group)) this.write(`-${group}\n`);
  }

  close(): void {
    this.isOver = true;
    this.shell?.stdin?.end();
  }

  private start(): void {
    // In a session of its own: a signal to the group of this process must not end the guard first.
    const shell = spawn('/bin/sh', ['-c', script], { detached: true, env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
    this.shell = shell;
    shell.on('error', () => undefined);
    shell.stdin.on('error', () => undefined);
    shell.once('exit', () => {
      this.shell = undefined;
      // Killed: another one takes over.
      if (!this.isOver && this.groups.size > 0) this.start();
    });
    shell.unref();
    for (const group of this.groups) this.write(`+${group}\n`);
  }

  private write(line: string): void {
    this.shell?.stdin?.write(line);
  }
}
