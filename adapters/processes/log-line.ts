/** One line of a child's output: a pino line as it stands, or any other text as `msg`. */
export interface LogLine {
  readonly msg: string;
  /** snake_case name of what happened, where the line has one. */
  readonly event?: string;
  /** pino's number: 30 info, 40 warn, 50 error. */
  readonly level: number;
  /** All fields of the line. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const INFO = 30;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // A stack trace or a torn line of a killed process.
  }
}

/** Reads one line of output. */
export function parseLogLine(line: string): LogLine {
  const fields = parseObject(line) ?? { msg: line };
  const { msg, level, event } = fields;
  return {
    msg: typeof msg === 'string' ? msg : '',
    level: typeof level === 'number' ? level : INFO,
    ...(typeof event === 'string' ? { event } : {}),
    fields,
  };
}
