"""Counts over reviews: agreement, corrections, vigilance, the blind arm, time, audits."""
