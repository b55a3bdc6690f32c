"""Holds a bundle against the checkpoint that it was made from, by transformers and ONNX Runtime.

    python check_export.py --from CHECKPOINT --bundle BUNDLE
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")


def report(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", dest="checkpoint", type=Path, required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    args = parser.parse_args()

    from moe.compare import compare
    from moe.problem import ExportProblem

    try:
        compare(args.checkpoint, args.bundle, report)
    except ExportProblem as problem:
        print(f"{problem.code}: {problem.params}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
