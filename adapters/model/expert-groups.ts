import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { fail, messageOf } from '../../domain/errors/error.ts';
import { isMissing } from '../artifacts/atomic-file.ts';
import { readSafetensorsHeader } from '../artifacts/safetensors-header.ts';
import { partFile } from './parts.ts';

/** A group as the model's folder describes it: the experts that its miners train. */
export interface ExpertGroup {
  readonly id: number;
  readonly name: string;
  /** The numbers of the experts, by layer. */
  readonly experts: ReadonlyMap<number, readonly number[]>;
}

const configSchema = z.object({ group_id: z.int().nonnegative() });
const assignmentSchema = z.record(z.string().regex(/^\d+$/), z.array(z.int().nonnegative()).min(1));

/**
 * Reads `expert_groups/NAME/config.yaml` and the `expert_assignment.json` beside it, in the order of the groups' ids.
 * Null where a model has no such folder, as the reference model, whose groups need no names.
 *
 * @throws OST_MODEL_GROUPS_MALFORMED where ids are not 0, 1, 2 … or two groups have one expert
 */
export async function readExpertGroups(folder: string): Promise<readonly ExpertGroup[] | null> {
  const names = await readdir(join(folder, 'expert_groups')).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (names === null) return null;
  const groups = await Promise.all(names.map((name) => readGroup(folder, name)));
  groups.sort((a, b) => a.id - b.id);
  const taken = new Map<string, string>();
  for (const [index, { id, name, experts }] of groups.entries()) {
    if (id !== index) throw malformed(folder, `there is no group ${index}, or it is there twice`);
    for (const [layer, expert] of pairs(experts)) {
      const owner = taken.get(`${layer}.${expert}`);
      if (owner !== undefined)
        throw malformed(folder, `${owner} and ${name} both have expert ${expert} of layer ${layer}`);
      taken.set(`${layer}.${expert}`, name);
    }
  }
  return groups;
}

/**
 * Makes sure that each part of a model's folder holds its group's experts and no others.
 *
 * @throws OST_MODEL_GROUPS_MALFORMED, or a safetensors error
 */
export async function checkExpertGroups(folder: string, groups: readonly ExpertGroup[]): Promise<void> {
  for (const { id, name, experts } of groups) {
    const { tensors } = await readSafetensorsHeader(join(folder, partFile(id)));
    const held = new Set(
      Array.from(tensors.keys(), (tensor) => /layers\.(\d+)\..*experts\.(\d+)\./.exec(tensor)?.slice(1).join('.')),
    );
    const assigned = new Set(Array.from(pairs(experts), ([layer, expert]) => `${layer}.${expert}`));
    if (held.size !== assigned.size || Array.from(assigned).some((expert) => !held.has(expert)))
      throw malformed(folder, `${partFile(id)} does not hold the experts that ${name} is assigned`);
  }
}

async function readGroup(folder: string, name: string): Promise<ExpertGroup> {
  try {
    const at = join(folder, 'expert_groups', name);
    const { group_id: id } = configSchema.parse(parse(await readFile(join(at, 'config.yaml'), 'utf8')));
    const assignment = JSON.parse(await readFile(join(at, 'expert_assignment.json'), 'utf8'));
    const entries = Object.entries(assignmentSchema.parse(assignment));
    return { id, name, experts: new Map(entries.map(([layer, experts]) => [Number(layer), experts])) };
  } catch (error) {
    throw fail('OST_MODEL_GROUPS_MALFORMED', { folder, problem: `${name}: ${messageOf(error)}` }, { cause: error });
  }
}

function* pairs(experts: ExpertGroup['experts']): Generator<readonly [layer: number, expert: number]> {
  for (const [layer, numbers] of experts) for (const expert of numbers) yield [layer, expert];
}

const malformed = (folder: string, problem: string) => fail('OST_MODEL_GROUPS_MALFORMED', { folder, problem });
