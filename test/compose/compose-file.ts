import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../config/paths.ts';

export interface Service {
  readonly image?: string;
  readonly build?: { readonly args?: Readonly<Record<string, string>> };
  readonly command?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly restart?: string;
  readonly volumes?: readonly (string | { readonly source: string; readonly read_only?: boolean })[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, object>>;
}

const text = (name: string): string => readFileSync(join(projectRoot, name), 'utf8');

export const dockerfile = text('Dockerfile');

/** docker-compose.yml, its merge keys applied as Compose applies them. */
export const composeFile: ComposeFile = parse(text('docker-compose.yml'), { merge: true });

/** `${NAME:-default}` as Compose fills it in where nothing is set. */
export const withDefaults = (value: string): string => value.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1');
