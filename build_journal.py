"""Build the journal: the command `carnet` on this project, whatever the working folder.

python build_journal.py
python build_journal.py --profile stanford-cars --data DIR
python build_journal.py --only 03 -p epochs=20
python build_journal.py --help
"""

import gc
from pathlib import Path

from carnet.commands.cli import main

if __name__ == "__main__":
    try:
        main(root=Path(__file__).parent)
    finally:
        gc.freeze()  # spares the interpreter a search for cycles as it exits
