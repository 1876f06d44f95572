"""Chains of land facts: sales, splits, merges, withdrawn approvals, sellers who own nothing."""

from __future__ import annotations

from itertools import permutations

from schemas import holds
from schemas.contract import Register
from tests.support.facts import State, fact, folded, retract

T = "w7dxt6k195pu"


def right(holder: str, share: str = "1/1") -> dict[str, object]:
    numerator, denominator = share.split("/")
    return {
        "holder_id_kind": "personal_id",
        "holder_id": holder,
        "holder_name": holder,
        "share_numerator": int(numerator),
        "share_denominator": int(denominator),
        "right_kind": "use",
    }


def baseline(
    parcel: str, *holders: str, share: str = "1/1", since: str = "2010-01-01"
) -> list[dict[str, object]]:
    common = {"dossier": f"BL-{parcel}", "feed": "01-baseline", "decided": "2026-07-31"}
    return [
        fact("baseline.parcels", 0, parcel, {"area_m2": None}, valid="2005-01-01", **common),
        *(
            fact(
                "baseline.parcels",
                2,
                parcel,
                right(h, share),
                row_key=f"personal_id:{h}",
                valid=since,
                item=i,
                **common,
            )
            for i, h in enumerate(holders)
        ),
    ]


def sale(
    dossier: str, parcel: str, seller: str, buyer: str, at: str, **more: object
) -> list[dict[str, object]]:
    return [
        fact(
            "1.012756",
            0,
            parcel,
            right(seller),
            row_key=f"personal_id:{seller}",
            dossier=dossier,
            valid=at,
            **more,
        ),
        fact(
            "1.012756",
            1,
            parcel,
            right(buyer),
            row_key=f"personal_id:{buyer}",
            dossier=dossier,
            valid=at,
            **more,
        ),
    ]


def land(*facts: list[dict[str, object]]) -> State:
    return folded(Register.LAND, [row for rows in facts for row in rows])


D2 = sale("D2", T, "BINH", "CUC", "2026-11-03 10:00", version=2)
D6 = sale("D6", T, "CUC", "EM", "2026-11-03 15:00")


def test_two_sales_on_one_day_end_two_rights_and_leave_one() -> None:
    state = land(baseline(T, "BINH"), D2, D6)
    assert state.history("rights", "holder_id") == [
        ("BINH", "2010-01-01", "2026-11-03 10:00"),
        ("CUC", "2026-11-03 10:00", "2026-11-03 15:00"),
        ("EM", "2026-11-03 15:00", None),
    ]
    assert state.counts() == {"inserted": 4, "updated": 2}


def test_order_of_arrival_does_not_matter() -> None:
    groups = [baseline(T, "BINH"), D2, D6]
    histories = {str(land(*order).history("rights", "holder_id")) for order in permutations(groups)}
    assert len(histories) == 1


def test_a_withdrawn_approval_restores_what_it_ended_and_holds_what_built_on_it() -> None:
    taken_back = [retract("1.012756", T, dossier="D2", version=3, decided="2026-11-04")]
    state = land(baseline(T, "BINH"), D2, D6, taken_back)
    assert state.history("rights", "holder_id") == [("BINH", "2010-01-01", None)]
    assert state.counts() == {"inserted": 2, "outdated": 2, "held": 2, "updated": 1}
    assert state.dispositions()["D6v1e0i0"] == ("held", holds.HOLDER_LACKS_SHARE.code)
    assert state.dispositions()["D6v1e1i0"] == ("held", holds.DOSSIER_HELD_WITH.code)


def test_a_retract_without_a_target_is_unchanged() -> None:
    state = land(baseline(T, "BINH"), [retract("1.012756", T, dossier="D2", version=3, decided="2026-11-04")])
    assert state.dispositions()["D2v3e0i0"] == ("unchanged", "")


def test_a_seller_who_owns_nothing_is_released_by_an_earlier_title_only() -> None:
    start = [
        fact(
            "baseline.parcels",
            0,
            T,
            valid="2005-01-01",
            dossier="BL",
            feed="01-baseline",
            decided="2026-07-31",
        )
    ]
    sells = sale("S", T, "BINH", "CUC", "2026-11-03 10:00")
    title = {
        "row_key": "personal_id:BINH",
        "dossier": "TITLE",
        "feed": "02-baseline",
        "decided": "2026-07-31",
    }
    late = fact("baseline.parcels", 2, T, right("BINH"), valid="2026-11-03 12:00", **title)
    early = fact("baseline.parcels", 2, T, right("BINH"), valid="2026-10-01", **title)
    assert land(start, sells).dispositions()["Sv1e0i0"][0] == "held"
    # A later title releases nothing: the state at the sale's own place is what counts.
    assert land(start, sells, [late]).dispositions()["Sv1e0i0"][0] == "held"
    assert land(start, sells, [early]).history("rights", "holder_id") == [
        ("BINH", "2026-10-01", "2026-11-03 10:00"),
        ("CUC", "2026-11-03 10:00", None),
    ]


def test_shares_that_do_not_sum_to_one_hold_the_dossier() -> None:
    state = land(baseline(T, "AN", "BINH", share="1/3"))
    assert {d for d, _ in state.dispositions().values()} == {"held"}
    assert holds.SHARES_NOT_ONE.code in {codes for _, codes in state.dispositions().values()}


def split(dossier: str, parent: str, children: list[str], at: str) -> list[dict[str, object]]:
    return [
        fact("1.012784", 0, parent, dossier=dossier, valid=at),
        *(fact("1.012784", 1, child, dossier=dossier, valid=at, item=i) for i, child in enumerate(children)),
    ]


def test_split_then_merge_carries_the_rights() -> None:
    a, b, c = "w7dxt6k19500", "w7dxt6k19501", "w7dxt6k19502"
    merge = [
        fact("1.012785", 0, a, dossier="M", valid="2026-11-05", item=0),
        fact("1.012785", 0, b, dossier="M", valid="2026-11-05", item=1),
        fact("1.012785", 1, c, dossier="M", valid="2026-11-05"),
    ]
    state = land(baseline(T, "AN", "BINH", share="1/2"), split("S", T, [a, b], "2026-11-04"), merge)
    assert state.history("parcels", "parcel_id") == [
        (T, "2005-01-01", "2026-11-04"),
        (a, "2026-11-04", "2026-11-05"),
        (b, "2026-11-04", "2026-11-05"),
        (c, "2026-11-05", None),
    ]
    live = [row for row in state.history("rights", "parcel_id", "holder_id") if row[-1] is None]
    assert live == [(c, "AN", "2026-11-05", None), (c, "BINH", "2026-11-05", None)]
    assert state.counts() == {"inserted": 6, "updated": 3}


def test_merge_of_parcels_of_different_holders_is_held() -> None:
    a, c = "w7dxt6k19500", "w7dxt6k19502"
    merge = [
        fact("1.012785", 0, T, dossier="M", valid="2026-11-05", item=0),
        fact("1.012785", 0, a, dossier="M", valid="2026-11-05", item=1),
        fact("1.012785", 1, c, dossier="M", valid="2026-11-05"),
    ]
    state = land(baseline(T, "AN"), baseline(a, "BINH"), merge)
    assert state.dispositions()["Mv1e0i0"] == ("held", holds.MERGE_HOLDERS_DIFFER.code)


def test_a_dossier_decided_before_the_baseline_is_outdated_with_a_note() -> None:
    state = land(baseline(T, "BINH"), sale("OLD", T, "X", "Y", "2026-07-01 09:00"))
    assert state.dispositions()["OLDv1e0i0"] == ("outdated", holds.BEFORE_BASELINE.code)
