import { fail } from '../../../domain/errors/error.ts';
import { type DictValue, isKind, type PickleValue, type TensorValue } from './pickle-values.ts';

/** As many as {@link readZipDirectory} allows storages for, though tensors may share them. */
const maxTensors = 60_000;
const maxDepth = 32;

/**
 * The tensors of a checkpoint by their names: of a dictionary of tensors alone, or of the dictionary under
 * `model_state_dict`, beside which the originals keep the loss. What else lies beside it is not looked at.
 *
 * @throws OST_TORCH_STATE
 */
export function tensorsOf(root: PickleValue, file: string): ReadonlyMap<string, TensorValue> {
  const refuse = (problem: string) => fail('OST_TORCH_STATE', { file, problem });
  if (!isTree(root, 0, new Set())) throw refuse('it holds itself, or is nested too deeply');
  if (!isKind(root, 'dict')) throw refuse('it is something else');
  const state = root.entries?.get('model_state_dict') ?? root;
  if (!isKind(state, 'dict')) throw refuse('its model_state_dict is something else');
  return namedTensors(state, refuse);
}

function namedTensors({ entries }: DictValue, refuse: (problem: string) => Error): ReadonlyMap<string, TensorValue> {
  const tensors = new Map<string, TensorValue>();
  for (const [name, value] of entries ?? []) {
    const shown = String(name).slice(0, 200);
    if (typeof name !== 'string' || name === '' || !name.isWellFormed()) throw refuse(`"${shown}" is no name`);
    if (!isKind(value, 'tensor')) throw refuse(`"${shown}" is no tensor`);
    tensors.set(name, value);
  }
  if (tensors.size === 0) throw refuse('it is empty');
  if (tensors.size > maxTensors) throw refuse(`it has more than ${maxTensors} tensors`);
  return tensors;
}

/**
 * Whether the containers form a finite structure of little depth. A container that is met again elsewhere is not
 * walked again: it was found sound, or is among its own ancestors and so too deep.
 */
function isTree(value: PickleValue | undefined, depth: number, sound: Set<PickleValue>): boolean {
  if (typeof value !== 'object' || value === null || sound.has(value)) return true;
  if (depth > maxDepth) return false;
  const children = value.kind === 'dict' ? value.entries?.values() : 'items' in value ? value.items : null;
  for (const child of children ?? []) if (!isTree(child, depth + 1, sound)) return false;
  sound.add(value);
  return true;
}
