"""Build the journal: run the notebooks that are not up to date, publish the pages.

    python build_journal.py
    python build_journal.py --profile stanford-cars --data DIR
    python build_journal.py --only 03 -p epochs=20

Exit codes: 0 done, 1 a notebook failed, 2 the request or its data were wrong, 130 interrupted.
"""

import gc

from carnet.commands.cli import main

if __name__ == "__main__":
    try:
        main()
    finally:
        gc.freeze()  # spares the interpreter a search for cycles as it exits
