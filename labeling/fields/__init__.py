"""The rules of each field, on normalised text: EF, wall motion, pulmonary hypertension, RVSP."""
