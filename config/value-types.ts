import { z } from 'zod';
import { datasetReferencePattern } from '../domain/dataset-reference.ts';
import { schedules } from '../domain/phases.ts';

/**
 * A kind of value: how it is checked, how it is told in words, and how the text of an environment variable or a flag
 * becomes one. Text that cannot be read is handed on as it is, so that the check names it as the operator wrote it.
 */
export interface ValueType<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** What is expected, as it goes on after "must be". */
  readonly expects: string;
  /** What a flag's argument is called in --help. */
  readonly argument: string;
  readonly fromText: (text: string) => unknown;
  /** Whether it names a file or folder; relative ones are resolved against the place that they were written in. */
  readonly isPath?: true;
}

const asIs = (text: string): unknown => text;
const readNumber = (text: string): unknown =>
  /^\s*[-+.\d]/.test(text) && !Number.isNaN(Number(text)) ? Number(text) : text;
const readList = (text: string): readonly string[] => text.split(',').map((part) => part.trim());
const between = (min: number, max: number): string =>
  max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;

export const text = (expects: string, pattern = /^\S(?:.*\S)?$/) =>
  ({ schema: z.string().regex(pattern), expects, argument: 'text', fromText: asIs }) satisfies ValueType;

export const integer = (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  ({
    schema: z.int().min(min).max(max),
    expects: `a whole number ${between(min, max)}`,
    argument: 'number',
    fromText: readNumber,
  }) satisfies ValueType;

export const number = (min: number, max: number) =>
  ({
    schema: z.number().min(min).max(max),
    expects: `a number ${between(min, max)}`,
    argument: 'number',
    fromText: readNumber,
  }) satisfies ValueType;

export const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  ({
    schema: z.enum(values),
    expects: `one of ${values.join(', ')}`,
    argument: values.join('|'),
    fromText: asIs,
  }) satisfies ValueType;

/** A file or folder. */
export const path = (expects: string) =>
  ({ schema: z.string().min(1), expects, argument: 'path', fromText: asIs, isPath: true }) satisfies ValueType;

/** A data set: a file or folder, or the name of one on a hub, which is no path. */
export const dataset = {
  schema: z.union([z.string().regex(/^(?!hf:)./), z.string().regex(datasetReferencePattern)]),
  expects: 'a file, a folder, or hf:OWNER/NAME@REVISION',
  argument: 'path|hf:…',
  fromText: asIs,
  isPath: true,
} satisfies ValueType;

/** A whole number, or one word that stands for what no number says. */
export const integerOr = <const W extends string>(word: W, min: number) =>
  ({
    schema: z.union([z.int().min(min), z.literal(word)]),
    expects: `a whole number of at least ${min}, or ${word}`,
    argument: `number|${word}`,
    fromText: readNumber,
  }) satisfies ValueType;

const endpoint = z.string().regex(/^wss?:\/\/[^\s/]+/);

/** One WebSocket address or several, tried in their order. */
export const endpoints = {
  schema: z
    .union([endpoint, z.tuple([endpoint], endpoint)])
    .transform((value): readonly [string, ...string[]] => (typeof value === 'string' ? [value] : value)),
  expects: 'one or more WebSocket addresses (ws://… or wss://…)',
  argument: 'url[,url…]',
  fromText: (value: string) => (value.includes(',') ? readList(value) : value),
} satisfies ValueType;

const scheduleNames = [
  'mycelia-45',
  'connito-472',
  'connito-500',
  'demo',
] as const satisfies readonly (keyof typeof schedules)[];
const phaseLength = z.int().min(1).max(1_000_000);
const nineLengths = z.tuple(Array.from({ length: 9 }, () => phaseLength) as Nine<typeof phaseLength>);
type Nine<T> = [T, T, T, T, T, T, T, T, T];

/** The phases' lengths, by the name of a schedule that ships or number by number. */
export const schedule = {
  schema: z
    .union([z.enum(scheduleNames), nineLengths])
    .transform((value) => (typeof value === 'string' ? schedules[value] : { name: value.join('-'), lengths: value })),
  expects: `one of ${scheduleNames.join(', ')}, or nine lengths in blocks (each at least 1)`,
  argument: 'name|blocks,…',
  fromText: (value: string) => (value.includes(',') ? readList(value).map(readNumber) : value),
} satisfies ValueType;

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** A log level; text may also be a list as in RUST_LOG ("info,api_client=debug"), whose general entry counts. */
export const logLevel = {
  ...choice(levels),
  fromText: (value: string) => {
    const entries = readList(value);
    const general = entries.find((entry) => !entry.includes('=')) ?? entries[0] ?? value;
    return general.slice(general.indexOf('=') + 1).toLowerCase();
  },
} satisfies ValueType;

const word = z.string().min(1);

/** A program with its arguments. Text is split at blanks, without the rules of any shell. */
export const argv = {
  schema: z.tuple([word], word),
  expects: 'a list of words: a program and its arguments',
  argument: 'words',
  fromText: (value: string) => value.trim().split(/\s+/),
} satisfies ValueType;

const truths: Readonly<Record<string, boolean>> = { true: true, yes: true, 1: true, false: false, no: false, 0: false };

/** Yes or no; text as the originals read it. */
export const boolean = {
  schema: z.boolean(),
  expects: 'true or false',
  argument: 'true|false',
  fromText: (value: string) => truths[value.trim().toLowerCase()] ?? value,
} satisfies ValueType;
