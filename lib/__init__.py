"""The library of the journal: `lib.journal` builds it, every other module is its subject."""
