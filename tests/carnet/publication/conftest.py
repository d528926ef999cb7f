"""A site of three pages and one notebook, rendered once."""

import pytest

from carnet.publication.texts import SitePage
from tests.carnet.publication.small_site import Parsed, entry, made, notebook, png


@pytest.fixture(scope="package")
def site(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("images")
    images = {
        f"{name}.png": folder / f"{name}.png" for name in ("petite", "large", "court", "long")
    }
    for path, width in zip(images.values(), (600, 1500, 10, 10)):
        path.write_bytes(png(width, 300))
    day = {"day": 1, "date": "1er mai 2026", "iso": "2026-05-01", "summary": "Un résumé."}
    figures = {"key_figures": [("Exactitude", "84,6 %", {})]}
    pages = [
        SitePage(entry("index.html", "Introduction"), notebook(), "| A |\n| - |\n| note |"),
        SitePage(entry("jour-1.html", "Jour 1 : l'essai", **day, **figures), notebook(), "Note."),
        SitePage(entry("sources.html", "Sources"), {**notebook(), "cells": []}, ""),
    ]
    found = made(pages, images)
    return {name.removeprefix("journal/site/"): data for name, data in found.items()}


@pytest.fixture(scope="package")
def pages(site) -> dict[str, Parsed]:
    return {name: Parsed(data.decode()) for name, data in site.items() if name.endswith(".html")}
