"""Turns a Hugging Face mixture-of-experts checkpoint into a model bundle.

    python export_moe.py --from CHECKPOINT --to BUNDLE --context 1024 --groups 4

`ostinato model export` runs it and reads what it prints: one JSON object a line, the last of which is `done` or
`error`. docs/models.md says what is supported.
"""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

from moe.report import report

# What it needs lies in the folder; it never asks a hub for anything.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", dest="checkpoint", type=Path, required=True)
    parser.add_argument("--to", dest="bundle", type=Path, required=True)
    parser.add_argument("--context", type=int, default=1024, help="tokens of a row")
    parser.add_argument("--groups", type=int, default=4)
    parser.add_argument("--assign", choices=["contiguous", "round-robin"], default="contiguous")
    parser.add_argument("--assignment", type=Path, help="JSON that says which experts a group has")
    parser.add_argument("--dtype", choices=["fp32", "bf16", "fp16"], default="fp32")
    parser.add_argument("--corpus", type=Path, help="folder of group_N.train.txt and group_N.heldout.txt")
    parser.add_argument("--first-token", type=int, help="what a row begins with; the model's own if left out")
    parser.add_argument("--check", action="store_true", help="hold the graphs against torch in the end")
    args = parser.parse_args()

    # Asked to end, it leaves nothing half done.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    logging.disable(logging.WARNING)
    from moe.bundle import Wish, export
    from moe.problem import ExportProblem

    try:
        export(Wish(checkpoint=args.checkpoint, bundle=args.bundle, context=args.context, groups=args.groups,
                    rule=args.assign, assignment=args.assignment, dtype=args.dtype, corpus=args.corpus,
                    first_token=args.first_token, check=args.check), report)
    except ExportProblem as problem:
        report("error", problem={"code": problem.code, "params": problem.params})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
