"""What programs read of the site: the feed, the head of a page."""

import dataclasses
import json
import re
from xml.etree import ElementTree

from tests.carnet.publication.small_site import ABOUT, Parsed, days, made_pages, prose

ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_feed_of_the_days():
    here, there = (
        ElementTree.fromstring(made_pages(*days(3), about=about)["feed.xml"].strip())
        for about in (ABOUT, dataclasses.replace(ABOUT, address="https://example.org/site"))
    )
    titles = [found.text for found in here.findall(f"{ATOM}entry/{ATOM}title")]
    assert titles == ["jour-3.html", "jour-2.html", "jour-1.html"]
    assert here.find(f"{ATOM}updated").text == "2026-01-04T00:00:00Z"
    links = [feed.find(f"{ATOM}entry/{ATOM}link").get("href") for feed in (here, there)]
    assert links == ["jour-3.html", "https://example.org/site/jour-3.html"]
    ids = [[found.text for found in feed.iter(f"{ATOM}id")] for feed in (here, there)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 4
    assert "feed.xml" not in made_pages(prose("index.html", "Rien."))


def test_the_head_says_what_a_page_is():
    about = dataclasses.replace(ABOUT, address="https://example.org/site/")
    html = made_pages(*days(1), about=about)["jour-1.html"]
    found = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])
    assert (found["@type"], found["datePublished"]) == ("Article", "2026-01-02")
    assert found["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert found["author"][0]["name"] == "Josiah <Carberry>"
    metas = {
        a.get("property") or a.get("name"): a["content"]
        for a in Parsed(html).find("meta")
        if "content" in a
    }
    assert metas["og:url"] == "https://example.org/site/jour-1.html"
    assert metas["og:type"] == "article"
    assert metas["author"] == "Ada"
    plain = made_pages(*days(1))["jour-1.html"]
    assert "og:url" not in plain
    assert '<link rel="icon"' in plain
