import { type Fields, isObject, parseJson } from '../../domain/read-value.ts';

/** One line of a child's output: a pino line as it stands, or any other text as `msg`. */
export interface LogLine {
  readonly msg: string;
  /** snake_case name of what happened, where the line has one. */
  readonly event?: string;
  /** pino's number: 30 info, 40 warn, 50 error. */
  readonly level: number;
  /** All fields of the line. */
  readonly fields: Fields;
}

const INFO = 30;

/** Nothing for what is none: a stack trace, or the torn line of a killed process. */
function parseObject(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined;
  const value = parseJson(line);
  return isObject(value) ? value : undefined;
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
