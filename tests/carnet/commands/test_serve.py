"""What the server adds to a published page, in memory."""

import re

from carnet.commands.serve import LiveSite, live
from carnet.project.paths import TEMPLATES


def test_the_policy_of_a_page_lets_in_this_server_only():
    template = (TEMPLATES / "site" / "index.html.j2").read_text()
    published = re.search(r'<meta http-equiv="Content-Security-Policy" content="(.*)">', template)
    page = live(f"<head>{published[0]}</head>", "1")
    served = re.search(r'content="([^"]*)"', page)[1]
    assert {*served.split("; ")} - {*published[1].split("; ")} == {"connect-src 'self'"}
    assert "script-src 'self'" in served  # which loads the script
    assert '<script src="/-/reload.js" data-version="1" defer></script>\n</head>' in page


def test_the_version_is_that_of_the_files(tmp_path):
    page = tmp_path / "index.html"
    page.write_text("one")
    site = LiveSite(tmp_path)
    first = site.version
    site.built()
    assert site.version == first
    page.write_text("other")
    site.built("jour-1.md: wrong")
    assert site.version != first
    assert site.error == "jour-1.md: wrong"
