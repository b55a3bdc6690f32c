#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { pythonIn, requirementsOf, SDK_MAJORS, sdkFolder, sdkPython } from './environment.mjs';

// `node test/conformance/python/prepare.mjs` brings the Bittensor SDKs that sdk.test.ts runs, each in a virtual
// environment of its own in the user's cache. What is there already is left alone. Without a Python of 3.10 or later,
// or without a package index, it says so, and the tests are skipped.

const base = process.env.PYTHON ?? 'python3';

function ran(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  return error === undefined && status === 0;
}

const suits = ran(base, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'], {
  stdio: 'ignore',
});

function prepare(major) {
  if (sdkPython(major) !== null) return true;
  if (!suits) {
    process.stderr.write(`No Python of 3.10 or later with venv: no Bittensor SDK ${major}.\n`);
    return false;
  }
  const folder = sdkFolder(major);
  // Made beside its place and renamed, so that a folder of that name is always whole.
  const draft = `${folder}.${process.pid}`;
  const started = Date.now();
  mkdirSync(dirname(folder), { recursive: true });
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    '--disable-pip-version-check',
    '--only-binary=:all:',
  ];
  const made = ran(base, ['-m', 'venv', draft]) && ran(pythonIn(draft), [...install, '-r', requirementsOf(major)]);
  if (made && existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  if (made) renameSync(draft, folder);
  else rmSync(draft, { recursive: true, force: true });
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stderr.write(`Bittensor SDK ${major}: ${made ? 'prepared' : 'could not be installed'} in ${seconds} s.\n`);
  return made;
}

process.exitCode = SDK_MAJORS.map(prepare).every(Boolean) ? 0 : 1;
