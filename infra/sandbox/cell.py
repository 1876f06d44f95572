"""A cell of the world: two families, their land and their business, and what befalls them."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from infra.sandbox import identifiers as make
from infra.sandbox.model import Aggregate, Dossier, State
from infra.sandbox.places import Province, provinces

BEGIN = datetime(2026, 8, 1)
"""The first event; the baseline is of the day before."""
DAY_ONE = date(2026, 11, 2)
_RATE_BEFORE, _RATE_AFTER = 5 / 93, 0.15
"""Events of a cell a day, before day one and after."""


Pending = tuple[datetime, int, Dossier, Callable[[datetime], None]]
"""A change that falls due: when, in which order, by which dossier, and how."""


@dataclass(slots=True)
class Lived:
    """A dossier with the instants of its life."""

    dossier: Dossier
    number: int
    accepted: datetime
    supplemented: datetime | None
    decided: datetime
    returned: datetime
    refused: bool
    withdrawn: datetime | None

    @property
    def takes_effect(self) -> bool:
        """Whether it changes a register, be it for a while."""
        return bool(self.dossier.touched) and not self.refused


@dataclass(slots=True)
class Cell:
    """One cell; everything in it follows from its name and the seed."""

    seed: str
    province: Province
    number: int
    people: list[Aggregate] = field(default_factory=list)
    parcels: list[Aggregate] = field(default_factory=list)
    businesses: list[Aggregate] = field(default_factory=list)
    second: dict[str, tuple[Province, State]] = field(default_factory=dict)
    """Persons whom another province knows too, with their temporary residence there."""
    rng: random.Random = field(init=False)
    serials: Iterator[int] = field(init=False)
    births: Iterator[int] = field(init=False)
    """Last digits of personal ids: six of them, so that a province has room for 33,000 cells."""

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.seed}/{self.province.code}/{self.number}")
        self.serials = itertools.count(self.number * 64)
        self.births = itertools.count(self.number * 30 + 1)
        self._settle()

    def serial(self) -> int:
        """A number that no other cell of the province gives out."""
        return next(self.serials)

    def commune(self) -> str:
        """The commune that the cell lies in."""
        return self.province.communes[self.number % len(self.province.communes)]

    def _settle(self) -> None:
        for _ in range(2):
            self._family()
        for _ in range(3):
            self._parcel()
        self._business()

    def _family(self) -> None:
        rng = self.rng
        family = make.person_name(rng, "male").split()[0]
        head = self.person("male", self._born(1950, 1985), family)
        wife = self.person("female", self._born(1952, 1987))
        child = self.person(rng.choice(["male", "female"]), self._born(1990, 2022), family)
        child.state["persons"]["father_personal_id"] = head.key
        child.state["persons"]["mother_personal_id"] = wife.key
        where = make.address(rng)
        for one in (head, wife, child):
            since = max(self._born(2000, 2020), date.fromisoformat(one.state["persons"]["birth_date"]))
            one.state["residences"] = {"permanent": self.residence("permanent", where, since, head.key)}
            self.people.append(one)
        if rng.random() < 0.2:
            self._stays_elsewhere(rng.choice([head, wife]))

    def _stays_elsewhere(self, one: Aggregate) -> None:
        other = self.rng.choice(provinces())
        if other.code == self.province.code:
            return
        stay = self.residence("temporary", make.address(self.rng), self._born(2021, 2025), None)
        stay["commune_code"] = self.rng.choice(other.communes)
        one.state["residences"]["temporary"] = stay
        self.second[one.key] = (other, stay)

    def _born(self, first: int, last: int) -> date:
        return date(self.rng.randint(first, last), self.rng.randint(1, 12), self.rng.randint(1, 28))

    def person(self, sex: str, born: date, family: str | None = None) -> Aggregate:
        """A new person who lives nowhere yet."""
        key = make.personal_id(self.province, sex, born, next(self.births))
        person = {
            "personal_id": key,
            "full_name": make.person_name(self.rng, sex, family),
            "birth_date": born.isoformat(),
            "sex": sex,
            "birth_commune_code": self.commune(),
            "death_date": None,
        }
        return Aggregate("population", key, {"persons": person, "residences": {}}, BEGIN)

    def residence(self, kind: str, where: str, since: date, head: str | None) -> State:
        """A residence in the cell's commune."""
        return {
            "residence_kind": kind,
            "commune_code": self.commune(),
            "address_text": where,
            "from_date": since.isoformat(),
            "household_head_id": head,
        }

    def parcel_state(self, area: str, use: str) -> State:
        """A new parcel; one in five still has an identity of the older scheme."""
        serial, commune = self.serial(), self.commune()
        sheet, number = str(serial % 97 + 1), str(serial % 899_981 + 1)
        key = (
            make.geohash(self.province, serial) if self.rng.random() < 0.8 else f"{commune}.{sheet}.{number}"
        )
        parcel = {
            "parcel_id": key,
            "commune_code": commune,
            "map_sheet": sheet,
            "parcel_number": number,
            "area_m2": area,
            "land_use_code": use,
            "address_text": make.address(self.rng),
        }
        return {"parcels": parcel, "certificates": {}, "rights": {}}

    def area(self) -> str:
        """An area with one decimal."""
        return f"{self.rng.randint(500, 9000) / 10:.1f}"

    def certificate(self, issued: date) -> State:
        """A certificate of the commune's office."""
        return {
            "serial": make.certificate_serial(self.province, self.serial()),
            "register_number": f"CH{self.serial() % 100000:05d}",
            "issue_date": issued.isoformat(),
            "issuer": "UBND cấp xã",
        }

    @staticmethod
    def right(holder: Aggregate, shares: int) -> State:
        """An equal share of a parcel."""
        return {
            "holder_id_kind": "personal_id",
            "holder_id": holder.key,
            "holder_name": holder.state["persons"]["full_name"],
            "share_numerator": "1",
            "share_denominator": str(shares),
        }

    def _parcel(self) -> None:
        state = self.parcel_state(self.area(), self.rng.choice(make.LAND_USES))
        since = self._born(1995, 2023)
        certificate = self.certificate(since)
        state["certificates"][certificate["serial"]] = certificate
        holders = self.rng.sample(self.people, self.rng.choice([1, 1, 2]))
        for holder in holders:
            state["rights"][holder.key] = self.right(holder, len(holders)) | {"from_date": since.isoformat()}
        self.parcels.append(Aggregate("land", state["parcels"]["parcel_id"], state, BEGIN))

    def business_state(self, kind: str, owner: Aggregate, founded: date) -> State:
        """A new business; half of the households use their owner's personal id as their code."""
        own = kind == "household" and self.rng.random() < 0.5
        key = owner.key if own else make.tax_code(self.province.number * 10_000_000 + self.serial())
        name = owner.state["persons"]["full_name"]
        business = {
            "tax_code": key,
            "business_kind": kind,
            "name": make.company_name(self.rng) if kind == "enterprise" else f"Hộ kinh doanh {name}",
            "founded_date": founded.isoformat(),
            "legal_status_code": "7",
            "capital_vnd": str(self.rng.randint(50, 5000) * 1_000_000),
            "commune_code": self.commune(),
            "address_text": make.address(self.rng),
        }
        codes = self.rng.sample(make.VSIC, 2)
        activities = {
            code: {"vsic_code": code, "vsic_version": "2025", "is_main": place == 0}
            for place, code in enumerate(codes)
        }
        position = "Giám đốc" if kind == "enterprise" else "Chủ hộ"
        person = {"id_number": owner.key, "full_name": name, "position": position}
        return {"businesses": business, "activities": activities, "representatives": {owner.key: person}}

    def _business(self) -> None:
        kind = self.rng.choice(["enterprise", "enterprise", "household"])
        state = self.business_state(kind, self.people[0], self._born(2005, 2024))
        self.businesses.append(Aggregate("business", state["businesses"]["tax_code"], state, BEGIN))

    def live(self, until: datetime, changed: Callable[[datetime, Dossier], None]) -> Iterator[Lived]:
        """Dossiers accepted until an instant; the world changes when each is approved.

        Args:
            until: Where the story ends.
            changed: Called after each change with its instant and the dossier that made it or took it back.
        """
        from infra.sandbox.events import draw  # noqa: PLC0415  (events act on cells)

        pending: list[Pending] = []
        counter = itertools.count()
        now = self._next(BEGIN)
        while now < until:
            _carry_out(pending, now, changed)
            dossier = draw(self, now)
            if dossier is not None:
                lived = self._life(dossier, next(counter), now)
                self._schedule(lived, pending, counter)
                yield lived
            now = self._next(now)
        _carry_out(pending, until, changed)

    def _next(self, now: datetime) -> datetime:
        rate = _RATE_BEFORE if now.date() < DAY_ONE else _RATE_AFTER
        later = now + timedelta(days=self.rng.expovariate(rate))
        hour = timedelta(hours=self.rng.randint(8, 10), seconds=self.rng.randint(0, 3599))
        return max(datetime.combine(later.date(), datetime.min.time()) + hour, now + timedelta(minutes=5))

    def _life(self, dossier: Dossier, number: int, accepted: datetime) -> Lived:
        rng = self.rng
        decided = self._office(accepted, rng.choice([0, 1, 2, 3, 5, 8]))
        supplemented = accepted + (decided - accepted) / 2 if rng.random() < 0.2 else None
        returned = decided + timedelta(minutes=rng.randint(5, 60))
        refused = bool(dossier.touched) and rng.random() < 0.05
        changes = bool(dossier.touched) and not refused
        withdrawn = self._office(decided, rng.randint(1, 6)) if changes and rng.random() < 0.02 else None
        return Lived(dossier, number, accepted, supplemented, decided, returned, refused, withdrawn)

    def _office(self, after: datetime, days: int) -> datetime:
        """Some minutes of an afternoon, days later."""
        day = datetime.combine(after.date() + timedelta(days=days), datetime.min.time())
        return day + timedelta(hours=14, seconds=self.rng.randint(0, 7200))

    @staticmethod
    def _schedule(lived: Lived, pending: list[Pending], counter: Iterator[int]) -> None:
        """Puts a dossier's effect, and its withdrawal, on the calendar; what it touches is busy till then."""
        dossier = lived.dossier
        for one in dossier.touched:
            one.busy_until = max(one.busy_until, (lived.withdrawn or lived.decided) + timedelta(minutes=1))
        if lived.refused:
            return
        heapq.heappush(pending, (lived.decided, next(counter), dossier, dossier.take_effect))
        if lived.withdrawn is not None:
            heapq.heappush(pending, (lived.withdrawn, next(counter), dossier, dossier.undo))


def _carry_out(pending: list[Pending], until: datetime, changed: Callable[[datetime, Dossier], None]) -> None:
    """Carries out the effects that fall due."""
    while pending and pending[0][0] <= until:
        at, _, dossier, effect = heapq.heappop(pending)
        effect(at)
        changed(at, dossier)
