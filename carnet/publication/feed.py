"""What programs read of the site: a description of each page, the feed of the days."""

import uuid

from carnet.project.settings import Settings
from carnet.sources.pages import INDEX
from carnet.text.language import spoken


def described(about: Settings, entry: dict, address: str) -> dict:
    """Return a page as schema.org describes it, for JSON-LD."""
    home, day = entry["file"] == INDEX, entry.get("day")
    people = [
        {"@type": "Person", "name": author.name}
        | ({"@id": f"https://orcid.org/{author.orcid}"} if author.orcid else {})
        for author in about.authors
    ]
    known = {
        "@context": "https://schema.org",
        "@type": "WebSite" if home else "Article" if day else "WebPage",
        "name": about.title if home else entry["title"],
        "description": entry.get("summary"),
        "datePublished": entry.get("iso"),
        "inLanguage": spoken(),
        "author": people,
        "license": about.licence,
        "url": address and f"{address}{entry['file']}",
        "isPartOf": None if home else {"@type": "WebSite", "name": about.title},
    }
    return {name: value for name, value in known.items() if value}


def feed(exporter, shared: dict, days: list[dict]) -> str:
    """Return the Atom feed of the days, newest first; all have a date.

    An entry keeps its id wherever the site is published.
    """
    about = shared["about"]

    def identity(file: str) -> str:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{about.repository or about.title}/{file}").urn

    template = exporter.environment.get_template("site/feed.xml.j2")
    return template.render(shared | {"days": days, "id": identity, "spoken": spoken})
