#!/usr/bin/env python3
"""Validates JSON documents against a schema: one document a line on standard input, and for each a
line with 1 (valid) or 0 on standard output. Schemas in the same folder may refer to each other."""

import json
import pathlib
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

from jsonschema import Draft202012Validator, RefResolver  # noqa: E402


def main() -> None:
    path = pathlib.Path(sys.argv[1])
    schemas = {each.name: json.loads(each.read_text()) for each in path.parent.glob("*.schema.json")}
    schema = schemas[path.name]
    Draft202012Validator.check_schema(schema)
    resolver = RefResolver(base_uri=path.name, referrer=schema, store=schemas)
    validator = Draft202012Validator(schema, resolver=resolver)
    for line in sys.stdin:
        print(int(validator.is_valid(json.loads(line))))


if __name__ == "__main__":
    main()
