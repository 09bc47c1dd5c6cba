"""Few rows as plain values: every file and name is that of its array sibling in `tables/`.

Over few rows the calls of numpy and pyarrow cost more than the rows, so random bits and permuted
numbers, whose rules are written once, are drawn for all columns in one go, and the values are made
of them row by row. The rules of one value stand beside those of a column, in the same file, and the
tests compare both.
"""
