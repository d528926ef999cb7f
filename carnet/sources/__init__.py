"""What people write: notebooks, pages, profiles, requests; and the code that notebooks import."""
