"""Folds what conform brought for the business register: businesses with their activities and representatives.

Only the aggregates that new facts touch are folded; the difference from what is asserted is appended to
the lake and loaded into the national database in one transaction. Running it again changes nothing.
"""

from __future__ import annotations

from dags.support.merging import merge_dag
from schemas.contract import Register

merge_business = merge_dag(Register.BUSINESS, __doc__)
