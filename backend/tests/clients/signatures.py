"""Checks the DKIM signatures of mails, each in a file, with dkimpy; `signatures.py name value file…`, where name and value are
the TXT record that is asked for instead of DNS."""

import json
import pathlib
import sys

import dkim

name, value, *files = sys.argv[1:]


def txt(asked, timeout=5):
    return value.encode() if asked.decode().rstrip(".") == name else None


json.dump([dkim.verify(pathlib.Path(file).read_bytes(), dnsfunc=txt) for file in files], sys.stdout)
