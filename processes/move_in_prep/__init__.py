"""Preparing a move-in: fees, fund, papers, bags, public areas and cleaning of one batch."""
