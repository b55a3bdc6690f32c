import type { Random } from '../../../faults/chain/random.ts';
import {
  call,
  dict,
  float,
  global,
  hooks,
  int,
  mark,
  none,
  type Piece,
  pickleOf,
  proto,
  stop,
  type TensorOptions,
  tensor,
  text,
  tuple,
  whole,
} from './pickle-bytes.ts';

type Family = (random: Random) => Uint8Array;

const one = <T>(random: Random, choices: readonly [T, ...T[]]): T =>
  choices[random.between(0, choices.length - 1)] ?? choices[0];
const repeat = (count: number, ...pieces: readonly Piece[]): Buffer => {
  const unit = pickleOf(...pieces);
  return Buffer.alloc(unit.length * count, unit);
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
/** A state dictionary of one tensor that is not as it should be. */
const odd = (options: TensorOptions): Uint8Array => whole(dict(text('a'), tensor(options)));
/** A sound state dictionary with something else in it. */
const beside = (value: Piece): Uint8Array => whole(dict(text('a'), tensor(), text('b'), value));
const good = beside(tensor({ offset: int(1), size: tuple(int(2)) }));
const names = ['os system', 'posix system', 'nt system', 'subprocess Popen', 'builtins eval', 'builtins exec'] as const;
const otherNames = [
  '__builtin__ eval',
  'builtins getattr',
  'builtins __import__',
  'importlib import_module',
  'runpy run_path',
  'torch load',
  'torch.hub load',
  'torch.storage _load_from_bytes',
  'torch._utils _rebuild_sparse_tensor',
  'torch._utils _rebuild_tensor_v3',
  'torch._utils _rebuild_tensor_v2.__globals__',
  'torch FloatStorage.__reduce__',
  'torch.FloatStorage ',
  'collections OrderedDict.fromkeys',
  'collections  OrderedDict',
  'collections defaultdict',
  'numpy.core.multiarray scalar',
  'operator attrgetter',
  'functools partial',
  '_codecs encode',
  'torch._tensor _rebuild_from_type_v2',
  'toString constructor',
] as const;
const named = (random: Random): Buffer => {
  const [module = '', name = ''] = one(random, [...names, ...otherNames]).split(/ (.*)/s);
  return global(module, name);
};

/** Pickles that would run something, if anything ran them. */
const running: Readonly<Record<string, Family>> = {
  'a reduced call': (random) => whole(call(named(random), text(`touch /tmp/${random.between(0, 9)}`))),
  'a call beside tensors': (random) => beside(call(named(random), text('id'))),
  'a call before the protocol': (random) => pickleOf(call(named(random), text('id')), stop),
  'a call whose result is thrown away': (random) => pickleOf(proto, call(named(random)), '0', good.subarray(2)),
  INST: (random) => whole(pickleOf(mark, text('id'), `i${one(random, names).replace(' ', '\n')}\n`)),
  OBJ: (random) => whole(pickleOf(mark, one<Piece>(random, [none, hooks]), text('id'), 'o')),
  NEWOBJ: (random) => whole(pickleOf(one<Piece>(random, [none, hooks]), ')', one(random, [0x81, 0x92]))),
  EXT: (random) => whole(pickleOf(one(random, [0x82, 0x83, 0x84]), u32(random.between(0, 2 ** 31)))),
  STACK_GLOBAL: (random) => beside(pickleOf(text(one(random, ['os', 'torch'])), text('FloatStorage'), 0x93)),
  BUILD: (random) =>
    beside(
      pickleOf(
        one(random, [hooks, '}', tensor(), ']']),
        dict(text(one(random, ['__dict__', '__class__', 'x'])), none),
        'b',
      ),
    ),
  'BUILD with more than metadata': () => beside(pickleOf(hooks, dict(text('_metadata'), hooks, text('x'), none), 'b')),
  'BUILD of a plain dictionary': () => beside(pickleOf('}', dict(text('_metadata'), hooks), 'b')),
  'a call of what is no function': (random) =>
    beside(pickleOf(one(random, [none, text('os'), tensor(), hooks, '}']), ')', 'R')),
  'a call of a storage': (random) => beside(call(global('torch', 'FloatStorage'), int(random.between(0, 2 ** 30)))),
  'a call without a tuple': (random) =>
    beside(pickleOf(global('collections', 'OrderedDict'), one(random, [']', none, '}']), 'R')),
  'an OrderedDict with arguments': () => beside(call(global('collections', 'OrderedDict'), ']')),
  'a persistent id of something else': (random) =>
    odd({ type: one<Piece>(random, [global('collections', 'OrderedDict'), text('FloatStorage'), none, hooks]) }),
  'a persistent id with another label': (random) => odd({ label: text(one(random, ['module', '', 'Storage'])) }),
  'a persistent id that is text': (random) => beside(one(random, [pickleOf(text('0'), 'Q'), pickleOf('Pos\n')])),
};

/** Pickles that are made to take much time or memory. */
const large: Readonly<Record<string, Family>> = {
  'a huge memo': (random) => beside(pickleOf(none, 'r', u32(random.between(2 ** 20, 2 ** 32 - 1)))),
  'a memo out of order': (random) => beside(pickleOf(none, 'q', random.between(2, 255))),
  'a recall of nothing': (random) => beside(pickleOf('h', random.between(0, 255))),
  'deep marks': (random) => pickleOf(proto, repeat(random.between(65, 100_000), mark), stop),
  'deep tuples': (random) => whole(pickleOf(')', repeat(random.between(40, 100_000), 0x85))),
  'deep lists in a loss': (random) =>
    whole(
      dict(
        text('model_state_dict'),
        dict(text('a'), tensor()),
        text('loss'),
        pickleOf(')', repeat(random.between(40, 999), 0x85)),
      ),
    ),
  'many values on the stack': (random) => pickleOf(proto, repeat(random.between(20_001, 500_000), none), stop),
  'many objects': (random) => beside(pickleOf(']', repeat(random.between(160_001, 200_000), ']a'))),
  'many dictionaries': (random) =>
    beside(pickleOf(']', repeat(random.between(40_001, 60_000), pickleOf('}', text('k'), 'Nsa')))),
  'a very long text': (random) => beside(text('x'.repeat(random.between(16_385, 1_000_000)))),
  'a very long name': (random) => beside(global('torch', 'F'.repeat(random.between(201, 100_000)))),
  'a text longer than the file': (random) => beside(pickleOf('X', u32(random.between(2 ** 16, 2 ** 32 - 1)), 'abc')),
  'a very long integer': (random) => beside(pickleOf(0x8a, random.between(9, 255), repeat(255, 0xff))),
  'a LONG4': (random) => beside(pickleOf(0x8b, u32(random.between(0, 2 ** 31)), 'abc')),
  'a tensor that unfolds': (random) =>
    odd({ size: tuple(int(2 ** random.between(24, 40)), int(4)), stride: tuple(int(0), int(1)) }),
  'windows that overlap': (random) =>
    odd({ size: tuple(int(2 ** random.between(20, 30)), int(2), int(2)), stride: tuple(int(0), int(1), int(1)) }),
  'a shape that overflows': (random) =>
    odd({ size: tuple(int(2 ** 40), int(2 ** random.between(20, 40))), stride: tuple(int(0), int(0)) }),
  'strides that overflow': () => odd({ size: tuple(int(2), int(2)), stride: tuple(int(2 ** 52), int(2 ** 52)) }),
  'too many axes': (random) => {
    const axes = tuple(repeat(random.between(65, 5000), int(1)));
    return odd({ size: axes, stride: axes });
  },
};

/** Pickles whose structure is none of a state dictionary. */
const malformed: Readonly<Record<string, Family>> = {
  'another protocol': (random) => pickleOf(0x80, one(random, [0, 1, 3, 4, 5, 255]), good.subarray(2)),
  'two protocols': () => pickleOf(proto, good),
  'opcodes of other protocols': (random) =>
    beside(one(random, [pickleOf(0x8c, 1, 'x'), pickleOf(none, 0x94), pickleOf(0x95, repeat(8, 0))])),
  'an opcode that does not exist': (random) => beside(pickleOf(random.between(0x99, 0xff))),
  'a pickle that is cut': (random) => good.subarray(0, random.between(0, good.length - 1)),
  'bytes after the end': (random) => pickleOf(good, repeat(random.between(1, 1000), none)),
  'a second pickle': () => pickleOf(good, good),
  'an end without a value': () => pickleOf(proto, stop),
  'an end with two values': () => pickleOf(proto, '}', good.subarray(2)),
  'an end with a mark': () => pickleOf(proto, mark, good.subarray(2)),
  'values below a mark': (random) =>
    whole(pickleOf(tensor(), mark, one<Piece>(random, [0x85, 0x86, 'R', 'a', 's', 'Q']))),
  'no mark': (random) => whole(one(random, ['t', '}u', ']e'])),
  'a dictionary that holds itself': (random) =>
    whole(
      pickleOf(
        '}',
        'q',
        0,
        text('a'),
        tensor(),
        's',
        text('b'),
        one(random, [pickleOf('h', 0), pickleOf('h', 0, 0x85)]),
        's',
      ),
    ),
  'a list that holds itself': () =>
    whole(dict(text('model_state_dict'), dict(text('a'), tensor()), text('loss'), pickleOf(']', 'q', 0, 'h', 0, 'a'))),
  'the same key twice': () => whole(dict(text('a'), tensor(), text('a'), tensor({ offset: int(0) }))),
  'the same key twice, one after the other': () =>
    whole(pickleOf('}', text('a'), tensor(), 's', text('a'), tensor(), 's')),
  'a key without a value': () => whole(dict(text('a'))),
  'a key that is no text': (random) =>
    whole(dict(one<Piece>(random, [none, int(7), ')', float(1), tensor()]), tensor())),
  'a key that no tensor may have': (random) =>
    whole(dict(text(one(random, ['__proto__', '__metadata__', ''])), tensor())),
  'a name that is no UTF-8': (random) =>
    whole(dict(text(Buffer.from(one(random, ['ff', 'c0af', 'eda080', 'f8888080']), 'hex')), tensor())),
  'an item of a list': () => whole(pickleOf(']', text('a'), tensor(), 's')),
  'something appended to a dictionary': (random) =>
    whole(pickleOf(one(random, ['}', ')', none, hooks]), tensor(), 'a')),
  'no dictionary': (random) =>
    whole(one<Piece>(random, [none, tensor(), int(3), text('x'), pickleOf(']', tensor(), 'a'), ')'])),
  'no tensors': (random) =>
    whole(one<Piece>(random, ['}', hooks, dict(text('model_state_dict'), '}'), dict(text('model_state_dict'), none)])),
  'something else beside the tensors': (random) =>
    beside(one<Piece>(random, [none, int(3), text('x'), '}', ']', float(Number.NaN), global('torch', 'FloatStorage')])),
};

const badCount = (random: Random): Piece =>
  one<Piece>(random, [
    float(Number.NaN),
    float(4),
    float(Number.POSITIVE_INFINITY),
    int(-1),
    int(-(2 ** 40)),
    none,
    0x88,
    text('4'),
    tuple(int(4)),
    pickleOf(0x8a, 8, repeat(7, 0xff), 0x7f),
  ]);

/** Tensors that lie about themselves. */
const lying: Readonly<Record<string, Family>> = {
  'a size that is no count': (random) => odd({ size: tuple(badCount(random)) }),
  'a stride that is no count': (random) => odd({ stride: tuple(badCount(random)) }),
  'an offset that is no count': (random) => odd({ offset: badCount(random) }),
  'a number of elements that is no count': (random) => odd({ elements: badCount(random) }),
  'a shape that is no tuple': (random) => odd({ size: one<Piece>(random, [int(4), ']', none, text('4'), tensor()]) }),
  'fewer strides than axes': (random) => odd({ size: tuple(repeat(random.between(2, 9), int(1))) }),
  'an offset beyond the storage': (random) => odd({ offset: int(random.between(1, 2 ** 31 - 1)) }),
  'a shape beyond the storage': (random) => odd({ size: tuple(int(random.between(5, 2 ** 31 - 1))) }),
  'strides beyond the storage': (random) =>
    odd({ size: tuple(int(2)), stride: tuple(int(random.between(4, 2 ** 31 - 1))) }),
  'more elements than the storage has': (random) => odd({ elements: int(random.between(5, 2 ** 31 - 1)) }),
  'fewer elements than the storage has': (random) => odd({ elements: int(random.between(0, 3)) }),
  'another width than the storage has': (random) =>
    odd({ type: global('torch', one(random, ['DoubleStorage', 'HalfStorage', 'ByteStorage'])) }),
  'a storage that is not there': (random) =>
    odd({ key: text(one(random, ['1', '00', ' 0', '0 ', '../data/0', '', 'data/0', '99999999999', '-0', '０'])) }),
  'a key that is a number': () => odd({ key: int(0) }),
  'a flag that is none': (random) => odd({ requiresGrad: one<Piece>(random, [none, int(1), text('x')]) }),
  'hooks that are some': (random) =>
    odd({
      hooks: one<Piece>(random, [none, ')', dict(int(0), text('x')), call(global('collections', 'OrderedDict'), ')')]),
    }),
  'a lazy negation': (random) => odd({ metadata: dict(text(one(random, ['neg', 'conj'])), 0x88) }),
  'a tensor with too few fields': () => beside(call(global('torch._utils', '_rebuild_tensor_v2'), tensor(), int(0))),
  'a parameter of something else': (random) =>
    beside(call(global('torch._utils', '_rebuild_parameter'), one<Piece>(random, [none, hooks, int(1)]), 0x88, hooks)),
  'a parameter with hooks': () =>
    beside(call(global('torch._utils', '_rebuild_parameter'), tensor(), 0x88, dict(text('x'), none))),
};

/** Families of pickles that must be refused, whatever the seed; storage 0 has four floats. */
export const hostilePickles: Readonly<Record<string, Family>> = { ...running, ...large, ...malformed, ...lying };
