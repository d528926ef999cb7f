"""What measures let one say: tables, verdicts and sentences, in French."""
