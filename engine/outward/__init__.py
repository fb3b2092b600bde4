"""What leaves the house: notices to staff by mail, robots and web hooks, messages to owners.

Knows channels, consents and templates, and that the world fails; must not know Flask or what a
complaint is. Everything goes through engine.outbox: put in a unit of work, sent when it is durable.
"""
