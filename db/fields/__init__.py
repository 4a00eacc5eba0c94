"""The fields of a record: their names, whether two records say the same, in words, and in which class they
fall. No SQL: every package may import it.
"""
