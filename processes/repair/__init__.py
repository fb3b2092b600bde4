"""The repair: order, dispatch, quote before work, payment at the desk, callback, archive."""
