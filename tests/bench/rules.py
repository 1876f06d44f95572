"""Forty record rules over a million persons, which part good from bad, and a profile, in one action."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from jobs import session
from schemas.derive import codes
from schemas.derive import spark as derive
from schemas.derive.spark import Check
from schemas.population.persons import Persons
from tests.bench.bench import Bench, timed
from tests.bench.figures import Figure, rate, seconds

ROWS, RULES, ROUNDS = 1_000_000, 40, 3
_GOAL = 6.0
_FAULTY = 20
"""One row in so many breaks a rule."""


def measured(bench: Bench) -> Iterator[Figure]:
    """The median of some runs over rows that wait on the server."""
    spark, number = session.connect(bench.settings), bench.rows(ROWS)
    taken = []
    with session.checkpoints():
        persons = session.checkpoint(_persons(spark, number))
        for _ in range(ROUNDS):
            with timed("rules") as watch:
                profile = _checked(persons)
            taken.append(watch.seconds)
            if profile["rows"] != number or profile["bad"] != -(-number // _FAULTY):
                raise RuntimeError(f"the rules found {profile['bad']} of {profile['rows']} rows bad")
    median = statistics.median(taken)
    name = f"{len(_rules())} rules, split and profile"
    yield seconds(f"{name}, {number} rows", median, _GOAL)
    yield rate(name, number, median)


def _rules() -> list[Check]:
    """Checks of a person's types, and every rule."""
    return derive.checks(Persons)[-RULES:]


def _checked(persons: DataFrame) -> dict[str, int]:
    """The profile, from the pass that gives every row its codes; by these it is good or bad."""
    observed = Observation()
    told = persons.withColumn("_codes", derive.violations(_rules(), Persons.info.noun))
    bad = codes.are_there("_codes")
    counted = told.observe(
        observed,
        F.count(F.lit(1)).alias("rows"),
        F.count_if(bad).alias("bad"),
        F.approx_count_distinct(Persons.personal_id.name).alias("keys"),
        *[F.count_if(F.col(name).isNull()).alias(f"missing_{name}") for name in Persons.names()],
    )
    # A checkpoint gives no observation back; what this writes to computes every column and keeps none.
    counted.write.format("noop").mode("overwrite").save()
    return dict(observed.get)


def _persons(spark: SparkSession, number: int) -> DataFrame:
    """Valid persons, some with a year of birth that contradicts the id."""
    place = F.col("id")
    year = (place % 60 + 1940).cast("int")
    born = F.make_date(F.when(place % _FAULTY == 0, year + 1).otherwise(year), F.lit(5), place % 28 + 1)
    is_male = place % 2 == 0
    names = F.array(*[F.lit(name) for name in ("An", "Bình", "Cường", "Dũng")])
    values: dict[str, Column] = {
        Persons.personal_id.name: F.concat(
            F.lit("001"),
            F.when(is_male, "0").otherwise("1"),
            F.substring(year.cast("string"), 3, 2),
            F.lpad((place % 999_983 + 1).cast("string"), 6, "0"),
        ),
        Persons.full_name.name: F.concat(
            F.lit("Nguyễn Văn "), F.element_at(names, (place % 4 + 1).cast("int"))
        ),
        Persons.birth_date.name: born,
        Persons.birth_precision.name: F.lit("day"),
        Persons.sex.name: F.when(is_male, "male").otherwise("female"),
        Persons.nationality_code.name: F.lit("VN"),
        Persons.birth_commune_code.name: F.lit("00004"),
        Persons.father_personal_id.name: F.lit("001040000001"),
        Persons.mother_personal_id.name: F.lit("001140000002"),
    }
    schema = derive.schema(Persons)
    columns = [values.get(f.name, F.lit(None)).cast(f.dataType).alias(f.name) for f in schema.fields]
    return spark.range(number).select(*columns)
