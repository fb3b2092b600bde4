"""A community event: five steps of planning, three of carrying out, feedback and summary."""
