"""Passes a miner's metrics on to Weights & Biases: JSON lines on standard input, the last of them ended by its end.

The first line is {"project", "id", "name", "dir", "config"}; each of the others holds the values of one moment.
WANDB_API_KEY, WANDB_MODE and the library's other variables count as always.
"""

import json
import signal
import sys

# Whoever started this process ends it by closing its input: a Ctrl-C must not cut off the last values.
for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(name, signal.SIG_IGN)

import wandb  # noqa: E402

first = json.loads(sys.stdin.readline())
run = wandb.init(project=first["project"], id=first["id"], name=first["name"], dir=first["dir"], config=first["config"],
                 resume="allow", settings=wandb.Settings(console="off", silent=True))
for line in sys.stdin:
    run.log(json.loads(line))
run.finish(quiet=True)
