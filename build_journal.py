"""Build the journal: run the notebooks that are not fresh, write the pages.

    python build_journal.py
    python build_journal.py --profile stanford-cars --data DIR
    python build_journal.py --only 03 -p epochs=20

Exit codes: 0 done, 1 a notebook failed, 2 the request was wrong and nothing ran.
"""

import gc

from carnet.commands.cli import main

if __name__ == "__main__":
    try:
        main()
    finally:
        gc.freeze()  # the end would search all that was imported for cycles
