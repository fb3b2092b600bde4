"""The islands in a real Chromium, against a small server that plays the product."""
