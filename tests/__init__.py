"""The tests run side by side: each process has one thread, else they slow each other down."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
