"""Reads the mails that a mail server kept, as strictly as Python's own parser can, and tells what each one is.

    mails.py MAILDIR    a JSON list on standard output, the oldest first

A mail that is not as RFC 5322, 2045 and 2046 have it ends this with an error.
"""

import email
import email.policy
import html.parser
import json
import pathlib
import sys

# Without the limits of a mail: 998 bytes a line (RFC 5322, 2.1.1).
_LINE_BYTES_MAX = 998
_ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted")
# What a server adds on the way.
_ENVELOPE = ("X-Peer", "X-MailFrom", "X-RcptTo")
_STRICT = email.policy.SMTP.clone(raise_on_defect=True)


class Page(html.parser.HTMLParser):
    """The words of a mail's page, its links, and whatever would be loaded from somewhere."""

    def __init__(self):
        super().__init__()
        self.words, self.links, self.loads, self._silent = [], [], [], 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("title", "style", "script"):
            self._silent += 1
        if tag == "a":
            self.links.append(attrs.get("href"))
        if tag in ("img", "link", "script", "iframe", "object", "form", "video", "audio"):
            self.loads.append(tag)
        if "url(" in (attrs.get("style") or "") or "src" in attrs or "background" in attrs:
            self.loads.append(tag)

    def handle_endtag(self, tag):
        if tag in ("title", "style", "script"):
            self._silent -= 1

    def handle_data(self, data):
        if not self._silent and data.strip():
            self.words.append(data.strip())


def must(holds, why, path):
    if not holds:
        sys.exit(f"{path.name}: {why}")


def read(path):
    raw = path.read_bytes()
    must(all(len(line) <= _LINE_BYTES_MAX for line in raw.splitlines()), "a line is too long", path)
    must(raw.isascii(), "bytes that not every server takes", path)
    mail = email.message_from_bytes(raw, policy=_STRICT)
    for name in _ONCE:
        must(len(mail.get_all(name, [])) == 1, f"{name}: {mail.get_all(name)}", path)
    for name in mail:
        # Parsed when it is asked for.
        must(not mail[name].defects, f"{name}: {mail[name].defects}", path)
    must(mail.get_content_type() == "multipart/alternative", mail.get_content_type(), path)
    parts = list(mail.iter_parts())
    # The richest form comes last (RFC 2046, 5.1.4).
    must([part.get_content_type() for part in parts] == ["text/plain", "text/html"], "other forms than two", path)
    must(all(part.get_content_charset() == "utf-8" for part in parts), "another character set", path)
    text, page = (part.get_content() for part in parts)
    shown = Page()
    shown.feed(page)
    shown.close()
    return {
        "from": str(mail["From"].addresses[0].display_name), "to": mail["To"].addresses[0].addr_spec,
        "subject": str(mail["Subject"]), "references": mail["References"], "answers": mail["In-Reply-To"],
        "less": mail["List-Unsubscribe"], "press": mail["List-Unsubscribe-Post"],
        "reply_to": mail["Reply-To"], "envelope": [mail[name] for name in _ENVELOPE[1:]],
        "text": text, "html": page, "words": shown.words, "links": shown.links, "loads": shown.loads,
    }


if __name__ == "__main__":
    kept = sorted(pathlib.Path(sys.argv[1]).glob("new/*"), key=lambda path: path.stat().st_mtime_ns)
    json.dump([read(path) for path in kept], sys.stdout)
