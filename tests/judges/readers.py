"""The words of a file by a program that nobody here wrote, one per format."""

import csv
import datetime
import decimal
import email
import email.policy
import io
import re
import subprocess
import warnings

import charset_normalizer
import docx2python
import extract_msg
import odf.opendocument
import odf.teletype
import odf.text
import openpyxl
import pptx
from bs4 import BeautifulSoup
from striprtf.striprtf import rtf_to_text

warnings.simplefilter("ignore")


def words(kind, path):
    """The text, and why there is none where the program gives up."""
    try:
        return READERS[kind](path), ""
    except Exception as error:  # Whatever such a program fails of, the file is judged without it.
        return "", f"{type(error).__name__}: {error}"[:200]


def pdf(path):
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise ValueError(done.stderr.decode("utf-8", "replace"))
    return done.stdout.decode("utf-8", "replace")


def docx(path):
    with docx2python.docx2python(path, duplicate_merged_cells=False) as opened:
        text = opened.text
    # What it adds of its own: marks where notes and pictures stood, the numbers of lists, the names of symbols, links.
    text = re.sub(r"----(?:foot|end)note\d+----|----media/.*?----|----Image alt text---->|<----media/.*?----|----", " ", text)
    text = re.sub(r"(?m)^(\t*)(?:footnote\d+|endnote\d+|\d+|[a-z]+|[A-Z]+)\)\t", r"\1", text)
    return re.sub(r"<span style=[^>]*>.*?</span>|<a href=\"[^\"]*\">|</a>", "", text)


def slides(path):
    found = []

    def shape(one):
        if one.has_text_frame:
            found.append(one.text_frame.text)
        if getattr(one, "has_table", False) and one.has_table:
            found.extend(cell.text for row in one.table.rows for cell in row.cells)
        for inner in getattr(one, "shapes", []):
            shape(inner)

    for slide in pptx.Presentation(path).slides:
        for one in slide.shapes:
            shape(one)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame:
            found.append(slide.notes_slide.notes_text_frame.text)
    return "\n".join(found)


def xlsx(path):
    book = openpyxl.load_workbook(path, data_only=True)
    found = []
    for sheet in book.worksheets:
        found.append(sheet.title)
        for row in sheet.iter_rows(values_only=True):
            found.extend(shown(cell) for cell in row if cell is not None)
    return "\n".join(found)


def shown(value):
    """As a person reads it, in the plainest of formats."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{decimal.Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return "" if str(value).startswith("#") else str(value)


def open_document(path):
    """Each paragraph by the library; a note's paragraphs stand beside the one that it is noted in."""
    document = odf.opendocument.load(path)
    found = []

    def walk(node):
        name = getattr(node, "tagName", "")
        if name in ("text:tracked-changes", "office:scripts", "office:styles", "office:automatic-styles"):
            return
        if name == "table:table" and path.suffix == ".ods":
            found.append(node.getAttribute("name") or "")
        if name in ("text:p", "text:h"):
            for note in node.getElementsByType(odf.text.Note):
                walk(note)
                note.parentNode.insertBefore(odf.text.S(), note)
                note.parentNode.removeChild(note)
            found.append(odf.teletype.extractText(node))
            return
        for child in list(node.childNodes):
            walk(child)

    walk(document.body)
    return "\n".join(found)


def rich(path):
    data = path.read_bytes()
    return rtf_to_text(data.decode("latin-1"), errors="ignore")


def msg(path):
    with extract_msg.openMsg(path) as opened:
        found = [opened.subject, opened.sender, opened.to, opened.cc]
        body = opened.body
        if not body and opened.htmlBody:
            body = page(opened.htmlBody)
        found.append(body)
        for attached in opened.attachments:
            found.append(attached.getFilename() if hasattr(attached, "getFilename") else "")
    return "\n".join(str(part) for part in found if part)


def mail(path):
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    found = [str(message[field]) for field in ("subject", "from", "to", "cc") if message[field]]
    body = message.get_body(preferencelist=("plain", "html"))
    if body is not None:
        text = body.get_content()
        found.append(page(text) if body.get_content_subtype() == "html" else text)
    found.extend(part.get_filename() for part in message.iter_attachments() if part.get_filename())
    return "\n".join(found)


def page(data):
    soup = BeautifulSoup(data, "html.parser")
    for unseen in soup(["script", "style"]):
        unseen.decompose()
    return soup.get_text(" ")


def table(path):
    text = str(charset_normalizer.from_path(path).best())
    try:
        dialect = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    csv.field_size_limit(2**30)
    return "\n".join(" ".join(row) for row in csv.reader(io.StringIO(text, newline=""), dialect))


READERS = {
    "pdf": pdf,
    "docx": docx,
    "pptx": slides,
    "xlsx": xlsx,
    "odt": open_document,
    "ods": open_document,
    "odp": open_document,
    "rtf": rich,
    "msg": msg,
    "eml": mail,
    "html": lambda path: page(path.read_bytes()),
    "csv": table,
}
