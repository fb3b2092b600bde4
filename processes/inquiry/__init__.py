"""The front desk: calls, visits and letters; whoever was asked first sees it through."""
