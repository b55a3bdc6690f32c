import { field, group, optional } from '../field.ts';
import { path, text } from '../value-types.ts';

const roles = ['validator', 'miner'] as const;

/** The Hugging Face hub. The variables are those of its own programs. */
export const hubFields = {
  hf: group('The Hugging Face hub, from which data sets named by hf: are fetched.', {
    token: optional(text('a text without spaces', /^\S+$/), {
      about: 'Access token, for data sets that are gated or private. It is sent to the endpoint and nowhere else.',
      example: 'hf_aTokenThatMayReadTheDataSet',
      roles,
      secret: true,
      variable: 'HF_TOKEN',
    }),
    endpoint: field(text('an address (https://… or http://…)', /^https?:\/\/[^\s/]+\S*$/), 'https://huggingface.co', {
      about: 'Address of the hub, or of a mirror of it.',
      example: 'https://huggingface.co',
      roles,
      variable: 'HF_ENDPOINT',
    }),
    home: field(path('a folder'), '~/.cache/huggingface', {
      about: "Folder of what was fetched, in the order of Hugging Face's own programs, which find it there.",
      example: '/data/hf',
      roles,
      variable: 'HF_HOME',
    }),
  }),
};
