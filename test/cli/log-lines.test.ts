import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

interface Line {
  readonly label: string;
  readonly event: string;
  readonly msg: string;
}

/** A demo of two cycles, recorded by test/replay/record.ts. */
const lines = readFileSync(join(import.meta.dirname, '../fixtures/demo-log.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);

const messages = (...labels: readonly string[]) =>
  lines.filter(({ label }) => labels.includes(label)).map(({ msg }) => msg);

const short = String.raw`[1-9A-HJ-NP-Za-km-z]{5}\.\.\.`;
const hotkey = '[1-9A-HJ-NP-Za-km-z]{47,48}';
const loss = String.raw`\d+\.\d{3}`;
const hash = '[0-9a-f]{48}';
const checkpoint = `<ModelCheckpoint hash=${hash} version=\\d+ group=\\d>`;

/** The seeds' example of each line, and what it is here; `.safetensors` stands for `.pt`. */
const seed000 = {
  server: [
    ['Loading base model: Qwen/Qwen3-VL-30B-Instruct', String.raw`Loading base model: \S+`],
    [
      'Model loaded. Expert mapping built: 4 groups, 64 experts/layer',
      String.raw`Model loaded\. Expert mapping built: 4 groups, 8 experts/layer`,
    ],
    ['Server ready on port 8080', String.raw`Server ready on port \d+`],
    [
      'GET /model/partial | hotkey: 5FHne... | group: 0 | 7.2GB served in 12.3s',
      String.raw`GET /model/partial \| hotkey: ${short} \| group: \d \| \d+\.\d[kMG]?B served in \d+\.\ds`,
    ],
    [
      'POST /submit | hotkey: 5FHne... | group: 0 | block: 12345 | checkpoint accepted',
      String.raw`POST /submit \| hotkey: ${short} \| group: \d \| block: \d+ \| checkpoint accepted`,
    ],
  ],
  validator: [
    ['Current block: 12345 | Phase: TRAIN', String.raw`Current block: \d+ \| Phase: TRAIN`],
    ['Found 12 committed hashes for this cycle', 'Found 3 committed hashes for this cycle'],
    [
      'Inter-validator merging complete: 3/3 validators synced',
      'Inter-validator merging complete: 1/1 validators synced',
    ],
    ['Submit phase opened at block 12379', String.raw`Submit phase opened at block \d+`],
    ['Downloading checkpoint: 5FHne... group 0', `Downloading checkpoint: ${hotkey} group 0`],
    [
      'Evaluating 5FHne... | loss_before: 4.321 | loss_after: 3.512 | w_i: 0.187',
      String.raw`Evaluating ${hotkey} \| loss_before: ${loss} \| loss_after: ${loss} \| w_i: 0\.\d{3}`,
    ],
    ['Evaluated 12/12 submissions in 8.3 minutes', String.raw`Evaluated 2/3 submissions in \d+\.\d minutes`],
    [
      'set_weights() called at block 12389 | tx_hash: 0xabcd...',
      String.raw`set_weights\(\) called at block \d+ \| tx_hash: 0x[0-9a-f]{64}`,
    ],
  ],
} as const;

/** What a healthy start shows. */
const seed001 = [
  ['Wrote config', String.raw`Wrote config \S+/effective-validator\.json`],
  ['(0) Commit new seed for next validation', String.raw`\(0\) Commit new seed for next validation`],
] as const;

const seed002 = [
  [
    '<distribute> downloaded model metadata from chain: <ModelCheckpoint ...>',
    `<distribute> downloaded model metadata from chain: ${checkpoint}`,
  ],
  ['<distribute> task completed.', String.raw`<distribute> task completed\.`],
  [
    '<miner_commit_1> committing hash=abcdef... model_version=15 path=/path/to/...',
    String.raw`<miner_commit_1> committing hash=${hash} model_version=\d+ path=\S+\.safetensors`,
  ],
  [
    '<miner_commit_2> committing hash=abcdef... model_version=15 path=/path/to/...',
    String.raw`<miner_commit_2> committing hash=${hash} model_version=\d+ path=\S+\.safetensors`,
  ],
  [
    "<submission> submitted model block=2150493 destination={'hotkey1...'} hash=abcdef... path=/path/to/model_expgroup_0.pt",
    String.raw`<submission> submitted model block=\d+ destination=\{'${hotkey}'\} hash=${hash} path=\S*model_expgroup_0\.safetensors`,
  ],
  ['<submission> task completed.', String.raw`<submission> task completed\.`],
  ['(0) Setup training', String.raw`\(0\) Setup training`],
  ['setup_training: success!', 'setup_training: success!'],
  ['batch loss inner_opt_step=0 loss=8.234', String.raw`batch loss inner_opt_step=\d+ loss=${loss}`],
  [
    '(1) Start epoch training current_model_meta=... gradient_accumulation_steps=1 inner_opt_step=2 is_inner_optimizer_step=True step=2',
    String.raw`\(1\) Start epoch training current_model_meta=${checkpoint} gradient_accumulation_steps=1 inner_opt_step=(\d+) is_inner_optimizer_step=True step=\1`,
  ],
  [
    'GradScaler for optimizer step grad_norm=1.5 grad_sum=120.4 scale_after=None scale_before=65536.0 skipped=False',
    String.raw`GradScaler for optimizer step grad_norm=\d+\.\d+ grad_sum=-?\d+\.\d+ scale_after=None scale_before=(?:None|65536\.0) skipped=False`,
  ],
  [
    'Checkpoint saved checkpoint_interval=100 inner_opt_step=100',
    String.raw`Checkpoint saved checkpoint_interval=\d+ inner_opt_step=\d+`,
  ],
] as const;

const matches = (pattern: string) => (message: string) => new RegExp(`^${pattern}$`).test(message);

describe('the log of a demo has each line of', () => {
  test.each(seed000.server)('the model server: %s', (_example, pattern) => {
    expect(messages('server').filter(matches(pattern))).not.toEqual([]);
  });

  test.each(seed000.validator)('the validator: %s', (_example, pattern) => {
    expect(messages('validator').filter(matches(pattern))).not.toEqual([]);
  });

  test.each(seed001)('a healthy start: %s', (_example, pattern) => {
    expect(messages('validator').filter(matches(pattern))).toHaveLength(1);
  });

  test.each(seed002)('the miner: %s', (_example, pattern) => {
    expect(messages('bob').filter(matches(pattern))).not.toEqual([]);
  });
});

test('a miner’s lines come in the order of its cycle', () => {
  const order = [
    'slice_downloaded',
    'training_setup',
    'training_ready',
    'training_started',
    'training_step',
    'miner_commit',
    'submitted',
  ];
  const first = order.map((event) => lines.findIndex((line) => line.label === 'bob' && line.event === event));
  expect(first).toEqual(first.toSorted((a, b) => a - b));
  expect(first[0]).toBeGreaterThanOrEqual(0);
});
