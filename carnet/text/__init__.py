"""How text is written for its reader: numbers, dates, tables, headings."""
