import { cpuTicks, descendantsOf, listeningInode } from './processes.js';

describe('the ticks of a process', () => {
  it('are those in itself and in the kernel, and of children that have ended, whatever it is called', () => {
    const rest = 'S 1 42 42 0 -1 4194560 10 20 30 40 700 65 3 4 20 0 11 0 100 1000000 500';
    expect(cpuTicks(`42 (node) ${rest}`)).toBe(772);
    expect(cpuTicks(`42 (a (b) c) ${rest}`)).toBe(772);
  });
});

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0
   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4243 1 0 100 0 0 10 0`;

describe('the processes of a server', () => {
  it('are found by the socket that listens', () => {
    expect(listeningInode(table, 8080)).toBe('4242');
    expect(listeningInode(table, 8081)).toBeUndefined();
    expect(listeningInode('', 8080)).toBeUndefined();
  });

  it('are all below the first', () => {
    const all = [
      { pid: 2, parent: 1 },
      { pid: 3, parent: 2 },
      { pid: 9, parent: 8 },
    ];
    expect(descendantsOf(1, all)).toEqual([1, 2, 3]);
  });
});
