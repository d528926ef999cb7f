"""What each Python process of a run imports first; a folder of PYTHONPATH, not imported here."""
