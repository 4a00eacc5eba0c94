"""Photographs that come from anywhere: decoded apart, within limits of time, memory and pixels."""
