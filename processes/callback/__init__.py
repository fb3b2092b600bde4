"""The callback: a called process that asks a customer how the work was done."""
