"""The extraction job: every case that has no draft by this reader gets one, over many workers."""
