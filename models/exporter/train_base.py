"""Trains the base from nothing on the common text.

    python train_base.py --corpus ../reference/corpus --out base.safetensors --until 1100

The base learns English from the common text, and of the groups' parts only a first sample of 24 kB each. From their
tags its router learns to send a part's text to that part's own experts: otherwise a group that trains would spoil what
the others' text needs. The parts themselves stay to be learned.
"""

import argparse
import math
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

from model import CONTEXT, EXPERTS, GROUPS, OTHER, forward, group_of, initial, row_losses, tagged

SAMPLE = 24_000
COMMON_ROWS = 12
BALANCE = 0.01
AFFINITY = 0.2


def rows(text: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
    starts = torch.randint(0, len(text) - CONTEXT, (count,), generator=generator)
    return torch.stack([text[start:start + CONTEXT] for start in starts.tolist()])


def read(path: Path) -> torch.Tensor:
    return torch.tensor(list(path.read_bytes()), dtype=torch.long)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--until", type=int, help="stop after this step; the schedule stays the one of --steps")
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
    groups = torch.arange(GROUPS)
    tags = torch.cat([torch.full((COMMON_ROWS,), OTHER), groups])
    begun = time.time()
    last = args.steps - 1 if args.until is None else args.until
    for step in range(last + 1):
        rate = args.rate * min(1, (step + 1) / 100) * (0.1 + 0.45 * (1 + math.cos(math.pi * step / args.steps)))
        for settings in optimizer.param_groups:
            settings["lr"] = rate
        text = torch.cat([rows(common, COMMON_ROWS, generator), *(rows(part, 1, generator) for part in parts)])
        tokens, targets = tagged(text, tags)
        logits, routed = forward(p, tokens)
        loss = row_losses(logits, targets).mean()
        total = loss
        for scores in routed:
            chances = torch.softmax(scores, -1)
            chosen = torch.zeros_like(scores).scatter(-1, scores.topk(2, -1).indices, 0.5)
            spread = chosen[:COMMON_ROWS].mean((0, 1)) * chances[:COMMON_ROWS].mean((0, 1))
            total = total + BALANCE * EXPERTS * spread.sum()
            own = (owner == groups.unsqueeze(-1)).unsqueeze(1)
            share = (chances[COMMON_ROWS:] * own).sum(-1)
            total = total - AFFINITY * torch.log(share + 1e-6).mean()
        optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
        optimizer.step()
        if step % 100 == 0 or step == last:
            with torch.no_grad():
                report = []
                for group, text in enumerate(held):
                    tokens, targets = tagged(text[:32 * CONTEXT].reshape(32, CONTEXT), group)
                    logits, routed = forward(p, tokens)
                    found = [(owner[scores.topk(2, -1).indices] == group).float().mean().item() for scores in routed]
                    report.append(f"{row_losses(logits, targets).mean().item():.3f}"
                                  f" ({'/'.join(f'{share:.0%}' for share in found)} own)")
            print(f"{time.time() - begun:6.0f} s, step {step}: {loss.item():.3f}; held out {', '.join(report)}", flush=True)
            if step % 100 == 0 or step == last:
                save_file({name: tensor.detach().contiguous() for name, tensor in p.items()}, args.out)


if __name__ == "__main__":
    main()
