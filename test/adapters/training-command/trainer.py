"""A training command that "trains" by copying files which the test made: trainer.py MODE [FILE …]."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

mode, files = sys.argv[1], sys.argv[2:]
job = json.loads(Path(os.environ["OSTINATO_JOB"]).read_text())
folder = Path(os.environ["OSTINATO_CHECKPOINT_FOLDER"])


def say(**line):
    print(json.dumps(line))


def step(number, loss):
    say(event="step", step=number, loss=loss, learning_rate=0.01, grad_norm=1.5, grad_sum=120.4, tokens=512 * number)


def checkpoint(number, file, **more):
    name = f"model-{number}.safetensors"
    shutil.copyfile(file, folder / ".draft")
    os.replace(folder / ".draft", folder / name)
    say(event="checkpoint", step=number, path=name, **more)


def forever():
    while True:
        time.sleep(0.05)
        say(event="heartbeat")


if mode == "train":
    # One checkpoint for each file, from the step on that it was handed.
    first = (job["resume"] or {"step": 0})["step"]
    print("Loading checkpoint shards: 100%")
    for number, file in enumerate(files, start=1):
        if number > first:
            step(number, 4.0 - number)
            checkpoint(number, file)
elif mode == "reported":
    for number, loss in ((1, 3.0), (2, 2.0), (3, 2.5)):
        checkpoint(number, files[0], validation_loss=loss)
elif mode == "until-told":
    def told(*_):
        checkpoint(2, files[1])
        sys.exit(3)

    signal.signal(signal.SIGTERM, told)
    step(1, 3.0)
    checkpoint(1, files[0])
    forever()
elif mode == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    worker = subprocess.Popen([sys.executable, "-c", "import signal,time; signal.signal(15, 1); time.sleep(600)"])
    Path(files[0]).write_text(f"{os.getpid()} {worker.pid}")
    step(1, 3.0)
    forever()
elif mode == "silent":
    step(1, 3.0)
    time.sleep(600)
elif mode == "exit":
    print("CUDA out of memory", file=sys.stderr)
    sys.exit(7)
elif mode == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
elif mode == "nan":
    for number in range(1, 100):
        step(number, float("nan"))
    forever()
elif mode == "print":
    print(files[0])
    forever()
elif mode == "endless":
    while True:
        sys.stdout.write("{" + "x" * 65536)
elif mode == "path":
    say(event="checkpoint", step=1, path=files[0])
    forever()
elif mode == "link":
    (folder / "link").symlink_to(files[0])
    say(event="checkpoint", step=1, path="link")
    forever()
elif mode == "environment":
    Path(files[0]).write_text(json.dumps({"env": dict(os.environ), "job": job}))
elif mode == "then-wrong":
    checkpoint(1, files[0])
    say(event="checkpoint", step=2, path="nothing-there")
    forever()
elif mode == "file":
    checkpoint(1, files[0])
    forever()
