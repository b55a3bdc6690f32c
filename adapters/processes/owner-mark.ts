import { isAlive, ownIdentity } from './identity.ts';

/** This process as part of a file's name, in two parts with a dot between: its id and its start time. */
export function ownerMark(): string {
  const { pid, startTime } = ownIdentity();
  return `${pid}.${encodeURIComponent(startTime)}`;
}

/** Whether the process of a mark's two parts still runs. */
export const isOwnerAlive = (pid: string, startTime: string): boolean =>
  isAlive({ pid: Number(pid), startTime: decoded(startTime) });

/** Anybody may call a file anything. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
