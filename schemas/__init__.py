"""The one place of every column, rule, code list, dialect and procedure."""
