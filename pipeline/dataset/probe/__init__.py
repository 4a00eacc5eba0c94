"""Can a label be told from a photograph without its waveform?"""
