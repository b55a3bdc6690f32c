import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes a shell script that can be run. */
export function writeProgram(path: string, script: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A program that calls itself the Temporal CLI of some version. */
export const fakeCli = (path: string, version: string): string =>
  writeProgram(path, `echo "temporal version ${version} (Server 1.31.2, UI 2.50.1)"`);

/**
 * A Go whose build makes such a program, notes in `folder/builds` that it ran, and takes `seconds`. It stands for the
 * real one, whose build takes six minutes.
 */
export function fakeGo(folder: string, { version = '1.26.6', seconds = 0, build = '' } = {}): string {
  writeProgram(
    join(folder, 'go'),
    `
    case "$1" in
      version) echo "go version go${version} linux/amd64" ;;
      list) echo a; echo b ;;
      build)
        ${build}
        echo "$GOTOOLCHAIN $CGO_ENABLED $PWD" >> "${folder}/builds"
        sleep ${seconds}
        while [ "$1" != "-o" ]; do shift; done
        printf '#!/bin/sh\\necho "temporal version 1.8.2 (Server 1.31.2)"\\n' > "$2"
        chmod +x "$2" ;;
    esac`,
  );
  return folder;
}
