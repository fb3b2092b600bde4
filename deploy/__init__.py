"""How an installation is set up and tried: scripts of the Makefile."""
