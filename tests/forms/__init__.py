"""Forms: what is refused, what is checked, and the same answers as the viewer."""
