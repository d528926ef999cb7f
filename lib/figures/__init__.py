"""The figures of the journal: functions that take data and return a matplotlib `Figure`."""
