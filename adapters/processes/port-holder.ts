import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTENING = '0A';

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const namesIn = (path: string): readonly string[] => {
  try {
    return readdirSync(path);
  } catch {
    return []; // Another user's process: its files are closed to us.
  }
};

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

/** The socket inodes that listen on a port, from the kernel's tables for IPv4 and IPv6. */
function listeningInodes(port: number): ReadonlySet<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = [...textOf('/proc/net/tcp').split('\n'), ...textOf('/proc/net/tcp6').split('\n')].map((row) =>
    row.trim().split(/\s+/),
  );
  return new Set(
    rows.filter(([, local, , state]) => local?.endsWith(suffix) && state === LISTENING).map((row) => String(row[9])),
  );
}

function commandOf(pid: string): string {
  const words = textOf(`/proc/${pid}/cmdline`).split('\0').filter(Boolean);
  const command = words.slice(0, 3).join(' ') || textOf(`/proc/${pid}/comm`).trim() || 'a program';
  return command.length > 80 ? `${command.slice(0, 79)}…` : command;
}

/** The process that listens on a port. */
export function portHolderPid(port: number): number | undefined {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of namesIn(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${descriptor}`))?.[1];
      if (inode !== undefined && inodes.has(inode)) return Number(pid);
    }
  }
  return undefined;
}

/** Who listens on a port, in words; another user's programs and other systems than Linux stay anonymous. */
export function portHolder(port: number): string {
  const pid = portHolderPid(port);
  return pid === undefined ? 'another program' : `${commandOf(String(pid))} (process ${pid})`;
}
