"""What a database holds, as names and definitions: two of them are compared to find drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

VERSION_TABLE = "alembic_version"
SCRATCH = "_drift"
_QUERIES = (
    """
    SELECT format('column %s.%s', c.relname, a.attname),
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                     pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind IN ('r', 'p', 'v')
    AND c.relname <> :skip
    """,
    """
    SELECT format('table %s', c.relname), concat_ws(' ', c.relkind, obj_description(c.oid, 'pg_class'))
    FROM pg_class c
    WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind IN ('r', 'p') AND c.relname <> :skip
    """,
    """
    SELECT format('constraint %s.%s', c.relname, o.conname), pg_get_constraintdef(o.oid, true)
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
    WHERE c.relnamespace = CAST(:schema AS regnamespace) AND o.contype <> 'n' AND c.relname <> :skip
    """,
    """
    SELECT format('index %s.%s', c.relname, x.relname), pg_get_indexdef(i.indexrelid, 0, true)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relname <> :skip
    """,
    """
    SELECT format('view %s', c.relname), pg_get_viewdef(c.oid, true)
    FROM pg_class c WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind = 'v'
    """,
    """
    SELECT format('function %s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)),
           concat_ws(' ', pg_get_function_result(p.oid), p.provolatile, p.prosecdef,
                     coalesce(pg_get_function_sqlbody(p.oid), p.prosrc))
    FROM pg_proc p WHERE p.pronamespace = CAST(:schema AS regnamespace)
    """,
    """
    SELECT format('grant %s to %s', c.relname, CASE g.grantee WHEN 0 THEN 'PUBLIC'
                  ELSE pg_get_userbyid(g.grantee) END),
           string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type)
    FROM pg_class c CROSS JOIN aclexplode(c.relacl) g
    WHERE c.relnamespace = CAST(:schema AS regnamespace) AND g.grantee <> c.relowner
    GROUP BY c.relname, g.grantee
    """,
    """
    SELECT format('grant %s.%s to %s', c.relname, a.attname, CASE g.grantee WHEN 0 THEN 'PUBLIC'
                  ELSE pg_get_userbyid(g.grantee) END),
           string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid CROSS JOIN aclexplode(a.attacl) g
    WHERE c.relnamespace = CAST(:schema AS regnamespace) AND g.grantee <> c.relowner
    GROUP BY c.relname, a.attname, g.grantee
    """,
    """
    SELECT format('grant %s(%s) to %s', p.proname, pg_get_function_identity_arguments(p.oid),
                  CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END),
           string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type)
    FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
    WHERE p.pronamespace = CAST(:schema AS regnamespace) AND g.grantee <> p.proowner
    GROUP BY p.oid, g.grantee
    """,
)
_OBJECTS = """
    SELECT format('VIEW %I', relname) FROM pg_class
    WHERE relnamespace = CAST('public' AS regnamespace) AND relkind = 'v'
    UNION ALL
    SELECT format('FUNCTION %I(%s)', proname, pg_get_function_identity_arguments(oid)) FROM pg_proc p
    WHERE pronamespace = CAST('public' AS regnamespace)
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


def described(connection: sa.Connection, schema: str) -> dict[str, str]:
    """Definitions of everything in a schema by name; types and tables are named without a schema."""
    connection.exec_driver_sql(f"SET LOCAL search_path TO {schema}")
    found: dict[str, str] = {}
    for query in _QUERIES:
        rows = connection.execute(sa.text(query), {"schema": schema, "skip": VERSION_TABLE})
        found.update((str(name), str(definition)) for name, definition in rows)
    return found


def expected(connection: sa.Connection, metadata: sa.MetaData, objects: Sequence[str]) -> dict[str, str]:
    """Definitions of what the contracts state, made in a scratch schema that is removed again."""
    savepoint = connection.begin_nested()
    connection.exec_driver_sql(f"CREATE SCHEMA {SCRATCH}")
    connection.exec_driver_sql(f"SET LOCAL search_path TO {SCRATCH}")
    metadata.create_all(connection, checkfirst=False)
    for statement in objects:
        connection.exec_driver_sql(statement)
    found = described(connection, SCRATCH)
    savepoint.rollback()
    return found


def differences(found: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """What the database lacks, has beyond, or defines otherwise than wanted; sorted."""
    lacks = [f"{name}: missing" for name in wanted.keys() - found.keys()]
    beyond = [f"{name}: not stated by any contract" for name in found.keys() - wanted.keys()]
    changed = [
        f"{name}: defined otherwise" for name in found.keys() & wanted.keys() if found[name] != wanted[name]
    ]
    return sorted([*lacks, *beyond, *changed])


def drop_objects(connection: sa.Connection) -> None:
    """Removes views and functions, which hold on to columns that a migration changes."""
    for name in connection.scalars(sa.text(_OBJECTS)).all():
        connection.exec_driver_sql(f"DROP {name}")
