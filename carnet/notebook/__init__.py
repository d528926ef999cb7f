"""What a notebook calls while it runs."""
