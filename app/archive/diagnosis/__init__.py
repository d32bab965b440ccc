"""Why a person's call was poor, dropped or failed, and what to do: a table of rules over what Graph reports.

Pure, except ``reading``, which reads the columns that the rules need.
"""
