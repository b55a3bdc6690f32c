"""Holds a bundle against the checkpoint that it was made from, by transformers and ONNX Runtime.

    python check_export.py --from CHECKPOINT --bundle BUNDLE
"""

import argparse
import os
import sys
from pathlib import Path

from moe.report import report

os.environ.setdefault("HF_HUB_OFFLINE", "1")


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
