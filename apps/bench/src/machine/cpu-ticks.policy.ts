/** The fields `utime` and `stime` of /proc/<pid>/stat, counted from what follows the name, which may hold spaces. */
const userField = 11;
const systemField = 12;

/** Clock ticks that a process has used, in itself and in the kernel: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export const cpuTicks = (stat: string): number => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[userField]) + Number(fields[systemField]);
};
