"""From runs to documents: assembly, rendering, one transaction."""
