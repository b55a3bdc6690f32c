"""Trains the base from nothing on the common text.

    python train_base.py --corpus ../reference/corpus --out base.safetensors --steps 1500

The base learns English from the common text. Of the groups' parts it sees only a first sample of 24 kB each, so that
its router learns to send a part's text mostly to that part's own experts; the parts themselves stay to be learned.
"""

import argparse
import math
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

from model import CONTEXT, EXPERTS, GROUPS, forward, group_of, initial, row_losses

SAMPLE = 24_000
COMMON_ROWS = 12
GROUP_ROWS = 4
BALANCE = 0.01
AFFINITY = 0.1


def rows(text: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
    starts = torch.randint(0, len(text) - CONTEXT - 1, (count,), generator=generator)
    return torch.stack([text[start:start + CONTEXT + 1] for start in starts.tolist()])


def read(path: Path) -> torch.Tensor:
    return torch.tensor(list(path.read_bytes()), dtype=torch.long)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--rate", type=float, default=3e-3)
    args = parser.parse_args()

    # One thread: on a busy machine two spend their time waiting for each other.
    torch.set_num_threads(1)
    common = read(args.corpus / "common.txt")
    parts = [read(args.corpus / f"group_{group}.train.txt")[:SAMPLE] for group in range(GROUPS)]
    held = [read(args.corpus / f"group_{group}.heldout.txt") for group in range(GROUPS)]
    owner = torch.tensor([group_of(expert) for expert in range(EXPERTS)])
    generator = torch.Generator().manual_seed(1)
    p = {name: tensor.requires_grad_() for name, tensor in initial(1).items()}
    optimizer = torch.optim.AdamW(p.values(), lr=args.rate, betas=(0.9, 0.95), weight_decay=0.1)
    groups = torch.arange(GROUPS).repeat_interleave(GROUP_ROWS // GROUPS)
    begun = time.time()
    for step in range(args.steps):
        rate = args.rate * min(1, (step + 1) / 100) * (0.1 + 0.45 * (1 + math.cos(math.pi * step / args.steps)))
        for settings in optimizer.param_groups:
            settings["lr"] = rate
        batch = torch.cat([rows(common, COMMON_ROWS, generator)]
                          + [rows(part, GROUP_ROWS // GROUPS, generator) for part in parts])
        logits, routed = forward(p, batch[:, :-1])
        loss = row_losses(logits, batch[:, 1:]).mean()
        total = loss
        for scores in routed:
            chances = torch.softmax(scores, -1)
            chosen = torch.zeros_like(scores).scatter(-1, scores.topk(2, -1).indices, 0.5)
            total = total + BALANCE * EXPERTS * (chosen.mean((0, 1)) * chances.mean((0, 1))).sum()
            own = (owner == groups.unsqueeze(-1)).unsqueeze(1)
            share = (chances[COMMON_ROWS:] * own).sum(-1)
            total = total - AFFINITY * torch.log(share + 1e-6).mean()
        optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
        optimizer.step()
        if step % 100 == 0 or step == args.steps - 1:
            with torch.no_grad():
                report = []
                for group, text in enumerate(held):
                    test = text[:32 * (CONTEXT + 1)].reshape(32, CONTEXT + 1)
                    logits, routed = forward(p, test[:, :-1])
                    found = [(owner[scores.topk(2, -1).indices] == group).float().mean().item() for scores in routed]
                    report.append(f"{row_losses(logits, test[:, 1:]).mean().item():.3f}"
                                  f" ({'/'.join(f'{share:.0%}' for share in found)} own)")
            print(f"{time.time() - begun:6.0f} s, step {step}: {loss.item():.3f}; held out {', '.join(report)}", flush=True)
            if step % 100 == 0 or step == args.steps - 1:
                save_file({name: tensor.detach().contiguous() for name, tensor in p.items()}, args.out)


if __name__ == "__main__":
    main()
