"""Opens the engine to people and machines: pages, JSON API, command line.

Translates and shows; decides nothing. A view reads its input, calls the engine and writes the
answer; the unit of work begins and ends here.
"""
