"""Which reading waits for whom: the plan, its items, leases, second people, practice drafts, extraction
items.
"""
