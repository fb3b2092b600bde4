"""Payment at the desk: a called process in which only the cashier takes money (requirements P8)."""
