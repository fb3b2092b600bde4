"""The monthly and quarterly review of complaints: figures, causes, measures that are tracked."""
