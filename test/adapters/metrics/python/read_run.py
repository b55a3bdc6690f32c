"""Prints the history of an offline run, one JSON object a line: read_run.py FILE.wandb

The file is a log of records in blocks of 32 KiB, as LevelDB writes them, each a protobuf message.
"""

import json
import struct
import sys
from pathlib import Path

from wandb.proto import wandb_internal_pb2

BLOCK, HEADER, FULL, FIRST, LAST = 32768, 7, 1, 2, 4


def records(data: bytes):
    at, whole = HEADER, b""
    while at + HEADER <= len(data):
        left = BLOCK - at % BLOCK
        if left < HEADER:
            at += left
            continue
        _, length, kind = struct.unpack("<IHB", data[at:at + HEADER])
        part = data[at + HEADER:at + HEADER + length]
        at += HEADER + length
        whole = part if kind in (FULL, FIRST) else whole + part
        if kind in (FULL, LAST):
            yield whole


for raw in records(Path(sys.argv[1]).read_bytes()):
    record = wandb_internal_pb2.Record()
    record.ParseFromString(raw)
    if record.WhichOneof("record_type") == "history":
        items = record.history.item
        print(json.dumps({(item.key or "/".join(item.nested_key)): json.loads(item.value_json) for item in items}))
