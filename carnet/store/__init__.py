"""What is kept of what was computed, under the hash of all that it depends on."""
