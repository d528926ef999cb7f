"""What the operator can ask, a module a command; `cli` parses."""
