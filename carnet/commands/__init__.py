"""What the operator can ask; `cli` parses."""
