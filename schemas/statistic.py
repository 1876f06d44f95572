"""MStatistic: the eight counts that a sharing platform tells of its dossiers, and what each counts.

Names as the platform writes them, ``PreExtisting`` (sic) too: MStatistic of the LGSP client whose
SyncDocument the dialect ``lgsp_en`` reads. No text defines them; these definitions follow the reports on the
one-stop mechanism (received, brought forward, solved in time and late, pending; TT 01/2018/TT-VPCP indices
1 and 9) and QĐ 766/QĐ-TTg: solved is status 9 or 10, by days and not by times, and what has no due day
counts as in time. Each dossier counts by its newest version at the end of the period; one that was refused
(3), taken back (7) or stopped (8) is in none of them.
"""

from __future__ import annotations

COUNTS = {
    "NewReception": "Accepted within the period.",
    "PreExtisting": "Accepted before it, and not solved before it began.",
    "Total": "Both together.",
    "TotalSolved": "Of those: solved within the period.",
    "SolvedInTime": "Of those solved: finished on the due day or before, or without a due day.",
    "SolvedLate": "Of those solved: finished after the due day.",
    "Pending": "Of the total: not solved at its end.",
    "PendingLate": "Of those pending: due before the day on which it ends.",
}
