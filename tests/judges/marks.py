"""Judges marked copies by programs that nobody here wrote: ``marks.py <code>`` reads lines ``kind<TAB>original<TAB>copy``
and prints a line for whatever is wrong, then how many it judged of each kind.

A PDF: qpdf checks it no worse than the original; pages, annotations, links, form fields and layers are as many as they
were; poppler finds the code on every page. Any other file opens in its reader as the original does, with all words that
were there, and the code.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import zipfile

import odf.opendocument
import odf.teletype

import readers

CODE = sys.argv[1]


def qpdf(*arguments):
    return subprocess.run(["qpdf", *map(str, arguments)], capture_output=True, stdin=subprocess.DEVNULL)


def counts(path):
    """Pages, annotations, links, fields of forms and layers, by qpdf's own description of the file."""
    told = qpdf("--json=2", "--json-key=pages", "--json-key=acroform", "--json-key=qpdf", path)
    try:
        told = json.loads(told.stdout)
    except json.JSONDecodeError:
        # It gave up half-way: the file is too damaged for it.
        return None
    objects = told["qpdf"][1]

    def resolved(value):
        while isinstance(value, str) and re.fullmatch(r"\d+ \d+ R", value):
            found = objects.get(f"obj:{value}", {})
            value = found.get("value", found.get("stream", {}).get("dict"))
        return value

    kinds = collections.Counter()
    for page in told["pages"]:
        annotations = resolved((resolved(page["object"]) or {}).get("/Annots")) or []
        for one in annotations if isinstance(annotations, list) else []:
            one = resolved(one)
            kinds[one.get("/Subtype") if isinstance(one, dict) else None] += 1
    root = resolved(resolved(objects["trailer"]["value"]["/Root"]))
    layers = resolved((resolved(root.get("/OCProperties")) or {}).get("/OCGs")) or []
    return {"pages": len(told["pages"]), "annotations": sorted(map(str, kinds.elements())),
            "fields": len(told["acroform"]["fields"]), "layers": len(layers)}


def pdf(original, copy):
    before, after = qpdf("--check", original), qpdf("--check", copy)
    if after.returncode > before.returncode:
        yield f"qpdf: {after.stdout[-200:]!r} {after.stderr[-200:]!r}"
    if (wanted := counts(original)) and (found := counts(copy)) != wanted:
        yield f"{wanted} became {found}"
    text = subprocess.run(["pdftotext", copy, "-"], capture_output=True).stdout.decode("utf-8", "replace")
    for number, page in enumerate(text.split("\f")[:-1], 1):
        # On a page of a few points nobody could read it: a program that makes thumbnails writes such.
        if CODE not in re.sub(r"\s", "", page) and not tiny(copy, number):
            yield f"page {number} has no code"


def tiny(path, number):
    told = subprocess.run(["pdfinfo", "-f", str(number), "-l", str(number), path], capture_output=True).stdout
    size = re.search(rb"Page +\d+ size: +([\d.]+) x ([\d.]+)", told)
    return size and min(float(size[1]), float(size[2])) < 36


def others(kind, original, copy):
    before, failed = readers.words(kind, original)
    after, fails = readers.words(kind, copy)
    if failed:
        return
    if fails:
        yield f"opens no longer: {fails}"
        return
    lost = collections.Counter(re.findall(r"\w+", before)) - collections.Counter(re.findall(r"\w+", after))
    # How it guesses the letters of a text that does not say is the reader's affair.
    if lost and not (kind == "csv" and sum(lost.values()) < 3):
        yield f"words are gone: {list(lost)[:8]}"
    if CODE not in seen(kind, copy, after):
        yield "no code"


def seen(kind, copy, words):
    """Where the code must stand: the readers of some kinds pass over headers."""
    if kind == "odt":
        return odf.teletype.extractText(odf.opendocument.load(copy).masterstyles)
    if kind == "rtf":
        return copy.read_text("latin-1")
    if kind == "pptx" and not any("slides/slide" in name for name in zipfile.ZipFile(copy).namelist()):
        return CODE
    return words


judged = collections.Counter()
for line in sys.stdin:
    kind, original, copy = line.rstrip("\n").split("\t")
    original, copy = pathlib.Path(original), pathlib.Path(copy)
    for wrong in pdf(original, copy) if kind == "pdf" else others(kind, original, copy):
        print(f"WRONG {original.name}: {wrong}")
    judged[kind] += 1
print("judged", dict(sorted(judged.items())))
