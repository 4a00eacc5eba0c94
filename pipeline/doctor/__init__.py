"""What fails on a first day, checked one by one: PASS, WARN or FAIL, each with what to do about it.

Looks and never changes: it makes no folder, migrates no database, starts no download.
"""
