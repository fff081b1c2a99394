"""The engine: how a district's year is planned, collected, measured, judged and recorded. No pages, no flows."""

import os

# set before anything imports numpy: the last digit of a sum must not hang on how many cores a machine has, and threads
# that wait for our small matrices cost more than the sums
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
