"""CPU milliseconds of OpenERF's fit (lmfit) of each map named, one a line. Threads are the caller's to limit."""

import sys
import time

import numpy as np
from openerf.fit import fit_2d_gaussian

for path in sys.argv[1:]:
    erf = np.load(path)
    start = time.process_time()
    fit_2d_gaussian(erf)
    print(1000 * (time.process_time() - start))
