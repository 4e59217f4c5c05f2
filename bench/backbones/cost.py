"""`cost.py CORES COMMAND...` runs a command on so many cores and prints, as JSON, what it cost.

Time is from before the start to after the end. Memory is the kernel's own account of the finished process: its peak
cannot fall between two looks, as it can for one who watches.
"""

import json
import os
import subprocess
import sys
import time

cores, *command = sys.argv[1:]
if hasattr(os, "sched_setaffinity"):  # Linux; elsewhere the commands' own numbers of threads must do
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])

began = time.perf_counter()
child = subprocess.Popen(command, stdout=sys.stderr)
_, status, usage = os.wait4(child.pid, 0)
seconds = time.perf_counter() - began

json.dump(
    {
        "seconds": seconds,
        "cpuSeconds": usage.ru_utime + usage.ru_stime,
        "peakMiB": usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
    },
    sys.stdout,
)
sys.exit(0 if status == 0 else 1)
