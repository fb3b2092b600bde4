"""Moving in where the inspection comes before the fees: a diagram of its own (§3.2)."""
