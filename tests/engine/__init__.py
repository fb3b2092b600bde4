"""The engine on real databases, with time pinned."""
