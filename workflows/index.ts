// The workflow types of Ostinato: every exported function is one, by its name.
export { ChainWriterWorkflow } from './chain-writer.ts';
export { CohortWorkflow } from './cohort.ts';
export { CycleWorkflow } from './cycle.ts';
export { MergeWorkflow } from './merge.ts';
export { MinerWorkflow } from './miner.ts';
export { SubmissionWorkflow } from './submission.ts';
