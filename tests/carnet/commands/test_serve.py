"""What the server adds to a published page, in memory."""

import re

import pytest

from carnet.commands.serve import Status, followed


@pytest.mark.parametrize(
    ("policy", "served"),
    [
        ("default-src 'none'", "script-src 'self'; connect-src 'self'"),
        (
            "default-src 'none'; script-src 'sha256-abc' 'self'",
            "script-src 'sha256-abc' 'self'; connect-src 'self'",
        ),
        ("script-src 'none'", "script-src 'self'; connect-src 'self'"),
    ],
)
def test_the_policy_lets_in_this_server_only(policy, served):
    page = f'<head><meta content="{policy}" http-equiv="Content-Security-Policy"/></head>'
    directives = re.search(r'content="([^"]*)"', followed(page, "1"))[1]
    assert directives.endswith(served)
    assert directives.count("default-src 'none'") == policy.count("default-src 'none'")


def test_the_version_is_that_of_the_files(tmp_path):
    page = tmp_path / "index.html"
    page.write_text("one")
    status = Status(tmp_path)
    first = status.version
    status.built()
    assert status.version == first
    page.write_text("other")
    status.built("jour-1.md: wrong")
    assert status.version != first
    assert status.error == "jour-1.md: wrong"
