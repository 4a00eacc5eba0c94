"""How far a reading can be trusted: the panel, cross-checks, grounding, calibration, the light."""
