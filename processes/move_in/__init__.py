"""Moving in: papers, signatures, fees, accompanied inspection, defects, keys, archive."""
