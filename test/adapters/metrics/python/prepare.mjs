#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { pythonIn, requirements, wandbFolder, wandbPython } from './environment.mjs';

// `node test/adapters/metrics/python/prepare.mjs` brings Python's wandb for wandb.test.ts, in a virtual environment in
// the user's cache; about 25 MB to fetch. Without a Python or a package index it says so, and the test is skipped.

const base = process.env.PYTHON ?? 'python3';

function ran(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return error === undefined && status === 0;
}

function prepare() {
  if (wandbPython() !== null) return true;
  const folder = wandbFolder();
  // Made beside its place and renamed, so that a folder of that name is always whole.
  const draft = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  const install = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '-r', requirements];
  const made = ran(base, ['-m', 'venv', draft]) && ran(pythonIn(draft), [...install, '--only-binary=:all:']);
  if (made) renameSync(draft, folder);
  else rmSync(draft, { recursive: true, force: true });
  process.stderr.write(`wandb: ${made ? 'prepared' : 'could not be installed'}.\n`);
  return made;
}

process.exitCode = prepare() ? 0 : 1;
