import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { fail, messageOf } from '../../domain/errors/error.ts';

/** Where the Python programs lie. */
export const exporterFolder = join(import.meta.dirname, '../../models/exporter');

const requirementsFile = join(exporterFolder, 'requirements-export.txt');

const foundSchema = z.object({ missing: z.array(z.string()), other: z.array(z.string()) });

/** A machine at its limits takes seconds to start a Python that has much to look through. */
const timeoutMs = 60_000;

/**
 * Makes sure that a Python has the pinned packages, without loading any of them.
 *
 * @param anyVersion whether other versions of them will do
 * @throws OST_EXPORT_PYTHON where it cannot be run, OST_EXPORT_REQUIREMENTS where something is missing
 */
export async function requirePython(python: string, { anyVersion }: { readonly anyVersion: boolean }): Promise<void> {
  const found = await askPython(python);
  const missing = [...found.missing, ...(anyVersion ? [] : found.other)];
  if (missing.length === 0) return;
  throw fail('OST_EXPORT_REQUIREMENTS', { python, missing: missing.join(', '), requirements: requirementsFile });
}

async function askPython(python: string): Promise<z.infer<typeof foundSchema>> {
  try {
    const script = join(exporterFolder, 'check_requirements.py');
    const { stdout } = await promisify(execFile)(python, [script], { timeout: timeoutMs });
    return foundSchema.parse(JSON.parse(stdout));
  } catch (error) {
    throw fail('OST_EXPORT_PYTHON', { python, reason: messageOf(error) }, { cause: error });
  }
}
