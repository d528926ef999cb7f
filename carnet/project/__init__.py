"""Where a project's files are, how they are read and written, and what goes wrong."""
