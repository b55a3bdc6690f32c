"""One run of numpy's side of bench/training/merge.ts: prints how long it took and what it held at most."""

import json
import resource
import struct
import sys
import time

import numpy

CHUNK = 64 * 1024


def offset(path):
    with open(path, "rb") as file:
        return 8 + struct.unpack("<Q", file.read(8))[0]


files = [(path, offset(path)) for path in sys.argv[1:]]
with open(files[0][0], "rb") as file:
    file.seek(0, 2)
    elements = (file.tell() - files[0][1]) // 2

began = time.perf_counter()
check = 0.0
handles = [open(path, "rb") for path, _ in files]
for handle, (_, start) in zip(handles, files):
    handle.seek(start)
for begin in range(0, elements, CHUNK):
    count = min(CHUNK, elements - begin)
    total = numpy.zeros(count, numpy.float32)
    for handle in handles:
        codes = numpy.fromfile(handle, numpy.uint16, count)
        total += (codes.astype(numpy.uint32) << 16).view(numpy.float32)
    total /= len(files)
    check += float(total[0])
elapsed = (time.perf_counter() - began) * 1000
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"ms": elapsed, "peakMiB": peak, "check": check}))
