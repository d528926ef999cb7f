"""`python -m carnet`: the command of the same name."""

from carnet.commands.cli import main

if __name__ == "__main__":
    main()
