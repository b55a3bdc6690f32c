import { errorMessage } from './child-error.ts';
import { obeyParent } from './child-life.ts';
import { openCorpus } from './corpus.ts';
import { readModelFile } from './description.ts';
import type { EvaluateMessage, EvaluatorAnswer, EvaluatorSettings } from './evaluator-protocol.ts';
import { LossModels } from './loss-model.ts';
import { type ChosenProvider, chooseProvider, providerOption } from './providers.ts';

/**
 * The evaluator's process. It holds no state that matters: whoever started it may kill it at any time and start
 * another.
 */
obeyParent();

const answer = (message: EvaluatorAnswer): void => {
  process.send?.(message);
};

async function open(settings: EvaluatorSettings): Promise<{ models: LossModels; chosen: ChosenProvider }> {
  const { modelFolder, folder, threads, evalDatasetPath, device } = settings;
  const chosen = await chooseProvider(settings.provider, device);
  const corpus = await openCorpus(modelFolder, evalDatasetPath);
  const graph = await readModelFile(modelFolder, 'loss.onnx');
  const session = { threads, provider: providerOption(chosen.provider, device) };
  return { models: new LossModels({ graph, corpus, folder, session }), chosen };
}

/** One message after the other: the parent sends the next only after an answer. */
async function serve(): Promise<void> {
  let models: LossModels | null = null;
  for await (const message of messages()) {
    try {
      if (message.kind === 'settings') {
        const opened = await open(message);
        models = opened.models;
        answer({ kind: 'ready', ...opened.chosen });
      } else if (models !== null) {
        answer({ kind: 'losses', ...(await models.losses(message)) });
      }
    } catch (error) {
      answer(errorMessage(error));
    }
  }
}

async function* messages(): AsyncGenerator<EvaluatorSettings | EvaluateMessage> {
  const waiting: (EvaluatorSettings | EvaluateMessage)[] = [];
  let wake: () => void = () => undefined;
  process.on('message', (message: EvaluatorSettings | EvaluateMessage) => {
    waiting.push(message);
    wake();
  });
  while (true) {
    const message = waiting.shift();
    if (message !== undefined) yield message;
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}

await serve();
