"""The fifteen invariants of requirements §3.17: random walks, attacks, and what is broken on purpose.

`checks` holds each invariant as a question to the rows of cases; `walker` brings cases about.
`python -m tests.invariants --walks 5000` takes the long way.
"""
