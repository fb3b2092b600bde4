"""The complaint: eight steps from record to review, its tables, handlers and summary."""
