"""`cost.py CORES COMMAND...` runs a command on so many cores and prints, as JSON, what it cost.

Time is from before the start to after the end. `residentMiB` is the kernel's own account of the finished process.
`peakMiB` is what the process really took: a page that it maps twice, as two sessions map one file of weights, counts once
(the proportional set size, looked at ten times a second; where the system does not tell it, the resident size).
"""

import json
import os
import subprocess
import sys
import threading
import time

cores, *command = sys.argv[1:]
if hasattr(os, "sched_setaffinity"):  # Linux; elsewhere the commands' own numbers of threads must do
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])

began = time.perf_counter()
child = subprocess.Popen(command, stdout=sys.stderr)
peak = 0.0


def look():
    """The proportional set size now, in MiB; 0 where it cannot be read."""
    try:
        with open(f"/proc/{child.pid}/smaps_rollup") as lines:
            return next((int(line.split()[1]) / 2**10 for line in lines if line.startswith("Pss:")), 0.0)
    except OSError:
        return 0.0


def watch():
    global peak
    while not ended.wait(0.1):
        peak = max(peak, look())


ended = threading.Event()
watcher = threading.Thread(target=watch)
watcher.start()
_, status, usage = os.wait4(child.pid, 0)
ended.set()
watcher.join()
seconds = time.perf_counter() - began

resident = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
json.dump(
    {
        "seconds": seconds,
        "cpuSeconds": usage.ru_utime + usage.ru_stime,
        "peakMiB": peak or resident,
        "residentMiB": resident,
    },
    sys.stdout,
)
sys.exit(0 if status == 0 else 1)
