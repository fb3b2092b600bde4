"""The API over HTTP, as machines use it."""
