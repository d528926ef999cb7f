"""The Chromium of this machine, which prints the journal."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from carnet.project.errors import InputError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
VARIABLE = "CHROME_PATH"
PRINT_SECONDS = 300


def find_browser() -> str:
    """Return the path of a Chromium: the one that CHROME_PATH names, or the first on the path.

    Raises:
        InputError: there is none.
    """
    named = os.environ.get(VARIABLE)
    found = next(filter(None, map(shutil.which, [named] if named else BROWSERS)), None)
    if found is None:
        where = f"{VARIABLE}={named}" if named else f"none of {', '.join(BROWSERS)} is on the path"
        raise InputError(
            f"--to pdf: a browser prints the pages, and {where}: install Chromium "
            f"(Debian: apt install chromium) or set {VARIABLE} to one"
        )
    return found


def check_printable(pages: Sequence) -> None:
    """Check, before anything runs, that there are pages and a browser to print them.

    Raises:
        InputError: one of them is missing.
    """
    if not pages:
        raise InputError("--to pdf: the journal has no page: expected journal/jour-1.md or another")
    find_browser()


def print_page(browser: str, folder: Path, html: str) -> bytes:
    """Print a page whose files are in `folder`."""
    (folder / "index.html").write_text(html.replace(' loading="lazy"', ""), "utf-8")
    target = folder / "journal.pdf"
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-pdf-header-footer",
        "--generate-pdf-document-outline",
        f"--user-data-dir={folder / 'browser'}",
        f"--print-to-pdf={target}",
        *(["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
        (folder / "index.html").as_uri(),
    ]
    target.unlink(missing_ok=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PRINT_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"--to pdf: {browser} did not print ({error})") from None
    if not target.is_file():
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise InputError(f"--to pdf: {browser} printed nothing: {reason}")
    return target.read_bytes()
