"""`python -m api` is the command `wuyeflow`."""

from api.cli import main

main()
