"""Makes tiny, randomly initialised checkpoints and their bundles, with torch's own numbers beside them.

    python make_fixture.py --out ../../test/fixtures/models [--only qwen3_moe]

What torch computes comes from transformers' own modules, untouched; check.py says how.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from moe.bundle import Wish, export
from moe.check import golden

CONTEXT = 24
EOS = "<|endoftext|>"
TEXT = Path(__file__).parent.parent / "reference" / "corpus" / "common.txt"

# Weights far larger than a training would begin with: the losses of all rows then differ, and so do those of a
# model with one group replaced.
_COMMON = dict(hidden_size=16, intermediate_size=24, moe_intermediate_size=8, num_attention_heads=2,
               num_experts_per_tok=2, max_position_embeddings=64, initializer_range=0.4, bos_token_id=None)
_LATENT = dict(num_key_value_heads=2, kv_lora_rank=8, qk_rope_head_dim=4, qk_nope_head_dim=4, v_head_dim=8,
               n_routed_experts=8, n_shared_experts=1, first_k_dense_replace=1, num_hidden_layers=3)
MODELS = {
    "qwen2_moe": transformers.Qwen2MoeConfig(**_COMMON, num_hidden_layers=2, num_key_value_heads=1, num_experts=8,
                                             shared_expert_intermediate_size=12),
    "qwen3_moe": transformers.Qwen3MoeConfig(**_COMMON, num_hidden_layers=2, num_key_value_heads=1, num_experts=8,
                                             head_dim=8, norm_topk_prob=True, tie_word_embeddings=True),
    "deepseek_v2": transformers.DeepseekV2Config(**_COMMON, **_LATENT, q_lora_rank=None, topk_method="greedy",
                                                 n_group=1, topk_group=1),
    "deepseek_v3": transformers.DeepseekV3Config(**_COMMON, **_LATENT, q_lora_rank=8, n_group=4, topk_group=2,
                                                 routed_scaling_factor=2.5),
}
# One of them is stored in 16 bits.
DTYPES = {"qwen2_moe": "bf16"}
# DeepSeek's groups are named and leave experts over, which stay in the shared part.
NAMED = [{"name": "exp_math", "experts": {"1": [0, 3], "2": [1, 2, 5]}},
         {"name": "exp_code", "experts": {"1": [1, 6], "2": [4, 7]}}]


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=288, special_tokens=[EOS], show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    made.train_from_iterator(TEXT.read_text("utf-8")[:100_000].splitlines(), trainer)
    return made


def checkpoint(kind: str, folder: Path) -> None:
    config = MODELS[kind]
    words = tokenizer()
    config.vocab_size = words.get_vocab_size()
    config.eos_token_id = words.token_to_id(EOS)
    torch.manual_seed(6)
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            # What begins as ones or zeros would hide a mistake.
            if "norm" in name or name.endswith("e_score_correction_bias"):
                tensor.add_(torch.randn_like(tensor) * 0.2)
    model.save_pretrained(folder)
    words.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"eos_token": EOS}) + "\n")


def _report(event: str, **fields: object) -> None:
    print(event, fields, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", action="append", choices=list(MODELS))
    parser.add_argument("--keep", type=Path, help="leave the checkpoints here")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        for kind in args.only or list(MODELS):
            source = (args.keep or Path(temporary)) / kind
            checkpoint(kind, source)
            assignment = None
            if kind.startswith("deepseek"):
                assignment = Path(temporary) / "groups.json"
                assignment.write_text(json.dumps(NAMED))
            bundle = args.out / kind
            shutil.rmtree(bundle, ignore_errors=True)
            export(Wish(checkpoint=source, bundle=bundle, context=CONTEXT, groups=2, rule="round-robin",
                        assignment=assignment, dtype=DTYPES.get(kind, "fp32"), corpus=None, first_token=None), _report)
            (bundle / "golden.json").write_text(json.dumps(golden(source, bundle, rows=3)) + "\n")


if __name__ == "__main__":
    main()
