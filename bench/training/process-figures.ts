import { readFile } from 'node:fs/promises';

const mebibyte = 1024 * 1024;

/** CPU seconds that processes have used so far, in user and kernel. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/stat`, 'utf8');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]);
    }),
  );
  // USER_HZ is 100 on every Linux that Node runs on.
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

/** Resident memory of a process. */
export async function residentMiB(pid: number): Promise<number> {
  const pages = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1];
  return (Number(pages) * 4096) / mebibyte;
}
