import { setImmediate } from 'node:timers/promises';
import { fail } from '../../../domain/errors/error.ts';
import { op, opcodeName } from './opcodes.ts';
import { callGlobal, isAllowedGlobal, storageOf } from './pickle-calls.ts';
import { PickleCursor } from './pickle-cursor.ts';
import { type DictValue, type FloatValue, isKind, type PickleValue, type TupleValue } from './pickle-values.ts';

/** torch's own pickler empties its stack every 1,000 items. */
const maxStack = 20_000;
const maxMarks = 64;
const maxMemo = 400_000;
/** Tuples, lists, dictionaries and tensors together; about ten for each tensor, of which a group has thousands. */
const maxObjects = 160_000;
/** As many opcodes take a few milliseconds; then the event loop has its turn. */
const opcodesAtOnce = 20_000;

const emptyTuple: TupleValue = { kind: 'tuple', items: [] };
const someFloat: FloatValue = { kind: 'float' };

/**
 * Reads a pickle that may hold nothing but dictionaries, lists, tuples, plain values and tensors. Nothing in it is run:
 * names come from a short list, and what stands behind each of them only makes values. Whatever else there is, or is
 * too much, is refused with the opcode and the byte at which it stands.
 *
 * @throws OST_TORCH_PICKLE; nothing else, whatever the bytes
 */
export async function unpickle(bytes: Uint8Array, file: string, signal?: AbortSignal): Promise<PickleValue> {
  const machine = new Unpickler(bytes, file);
  for (;;) {
    for (let count = 0; count < opcodesAtOnce; count += 1) {
      if (machine.step()) return machine.result();
    }
    await setImmediate();
    signal?.throwIfAborted();
  }
}

class Unpickler {
  readonly #cursor: PickleCursor;
  readonly #file: string;
  readonly #stack: PickleValue[] = [];
  /** Heights of the stack at which marks lie. */
  readonly #marks: number[] = [];
  readonly #memo: PickleValue[] = [];
  #objects = 0;
  #opcode = 0;
  #opcodeAt = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.#file = file;
    this.#cursor = new PickleCursor(bytes, (problem) => this.#refuse(problem));
  }

  /** One opcode. @returns whether it was the last */
  step(): boolean {
    const cursor = this.#cursor;
    this.#opcodeAt = cursor.at;
    this.#opcode = op.stop;
    this.#opcode = cursor.byte();
    if (this.#opcodeAt === 0 && this.#opcode !== op.proto)
      throw this.#refuse('a pickle of torch names its protocol first');
    switch (this.#opcode) {
      case op.proto: {
        const version = cursor.byte();
        if (this.#opcodeAt !== 0 || version !== 2)
          throw this.#refuse('only protocol 2 is read, which torch.save writes');
        break;
      }
      case op.stop:
        return true;
      case op.mark:
        if (this.#marks.length >= maxMarks) throw this.#refuse('it is nested too deeply');
        this.#marks.push(this.#stack.length);
        break;
      case op.none:
        this.#push(null);
        break;
      case op.newTrue:
        this.#push(true);
        break;
      case op.newFalse:
        this.#push(false);
        break;
      case op.binInt1:
        this.#push(cursor.byte());
        break;
      case op.binInt2:
        this.#push(cursor.uint16());
        break;
      case op.binInt:
        this.#push(cursor.int32());
        break;
      case op.long1:
        this.#push(cursor.long1());
        break;
      case op.binFloat:
        cursor.skip(8);
        this.#push(someFloat);
        break;
      case op.binUnicode:
        this.#push(cursor.text());
        break;
      case op.emptyTuple:
        this.#push(emptyTuple);
        break;
      case op.tuple:
        this.#make({ kind: 'tuple', items: this.#popMark() });
        break;
      case op.tuple1:
        this.#make({ kind: 'tuple', items: [this.#pop()] });
        break;
      case op.tuple2:
        this.#make({ kind: 'tuple', items: this.#popMany(2) });
        break;
      case op.tuple3:
        this.#make({ kind: 'tuple', items: this.#popMany(3) });
        break;
      case op.emptyList:
        this.#make({ kind: 'list', items: [] });
        break;
      case op.append:
        this.#append(this.#popMany(1));
        break;
      case op.appends:
        this.#append(this.#popMark());
        break;
      case op.emptyDict:
        this.#make({ kind: 'dict', ordered: false, entries: null });
        break;
      case op.setItem:
        this.#set(this.#popMany(2));
        break;
      case op.setItems:
        this.#set(this.#popMark());
        break;
      case op.binPut:
        this.#remember(cursor.byte());
        break;
      case op.longBinPut:
        this.#remember(cursor.uint32());
        break;
      case op.binGet:
        this.#recall(cursor.byte());
        break;
      case op.longBinGet:
        this.#recall(cursor.uint32());
        break;
      case op.global: {
        const name = `${cursor.line()} ${cursor.line()}`;
        if (!isAllowedGlobal(name)) throw this.#refuse(`it names ${name.replace(' ', '.')}`);
        this.#make({ kind: 'global', name });
        break;
      }
      case op.binPersistentId:
        this.#makeOr(storageOf(this.#pop()));
        break;
      case op.reduce: {
        const [callee, args] = this.#popMany(2);
        this.#makeOr(callGlobal(callee, args));
        break;
      }
      case op.build:
        this.#build();
        break;
      default:
        throw this.#refuse('no dictionary of tensors needs this opcode');
    }
    return false;
  }

  result(): PickleValue {
    const [value] = this.#stack;
    if (!this.#cursor.done) throw this.#refuse('bytes follow the end');
    if (this.#stack.length !== 1 || value === undefined || this.#marks.length > 0) {
      throw this.#refuse('it does not leave one value');
    }
    return value;
  }

  #refuse(problem: string): Error {
    return fail('OST_TORCH_PICKLE', {
      file: this.#file,
      offset: this.#opcodeAt,
      opcode: opcodeName(this.#opcode),
      problem,
    });
  }

  #push(value: PickleValue): void {
    if (this.#stack.length >= maxStack) throw this.#refuse('it piles up too many values');
    this.#stack.push(value);
  }

  #make(value: PickleValue): void {
    this.#count(1);
    this.#push(value);
  }

  #count(objects: number): void {
    this.#objects += objects;
    if (this.#objects > maxObjects) throw this.#refuse('it makes too many objects');
  }

  #makeOr(value: PickleValue | { readonly kind: 'refused'; readonly problem: string }): void {
    if (typeof value === 'object' && value !== null && value.kind === 'refused') throw this.#refuse(value.problem);
    this.#make(value);
  }

  #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }

  #popMany(count: number): PickleValue[] {
    const from = this.#stack.length - count;
    if (from < this.#floor()) throw this.#refuse('its stack has too few values');
    return this.#stack.splice(from);
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#refuse('its stack has no mark');
    return this.#stack.splice(mark);
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || this.#stack.length <= this.#floor()) throw this.#refuse('its stack is empty');
    return value;
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (!isKind(list, 'list')) throw this.#refuse('it appends to something that is no list');
    for (const item of items) list.items.push(item);
  }

  #set(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!isKind(dict, 'dict')) throw this.#refuse('it sets an item of something that is no dictionary');
    if (items.length % 2 !== 0) throw this.#refuse('it sets a key without a value');
    for (let at = 0; at < items.length; at += 2) this.#setOne(dict, items[at], items[at + 1] ?? null);
  }

  #setOne(dict: DictValue, key: PickleValue | undefined, value: PickleValue): void {
    // A map takes several times the memory of anything else.
    if (dict.entries === null) this.#count(3);
    dict.entries ??= new Map();
    const { entries } = dict;
    if (typeof key !== 'string' && typeof key !== 'number') throw this.#refuse('a key is neither text nor a number');
    if (entries.has(key)) throw this.#refuse('it sets the same key twice');
    entries.set(key, value);
  }

  /** torch's pickler numbers what it remembers one after another; anything else is made to be large, or to confuse. */
  #remember(index: number): void {
    if (index !== this.#memo.length || index >= maxMemo) throw this.#refuse('it remembers values out of order');
    this.#memo.push(this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo[index];
    if (value === undefined) throw this.#refuse('it recalls what it never remembered');
    this.#push(value);
  }

  /** The one use of it: module.state_dict() hangs the versions of its modules on the dictionary. They are dropped. */
  #build(): void {
    const state = this.#pop();
    const object = this.#top();
    const harmless =
      isKind(object, 'dict') &&
      object.ordered &&
      isKind(state, 'dict') &&
      state.entries?.size === 1 &&
      isKind(state.entries.get('_metadata'), 'dict');
    if (!harmless) throw this.#refuse('it sets attributes of an object');
  }
}
