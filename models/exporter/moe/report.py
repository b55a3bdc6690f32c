"""What the programs say: one JSON object a line, as adapters/model-export/export-lines.ts reads it."""

import json


def report(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)
