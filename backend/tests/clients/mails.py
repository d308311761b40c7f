"""Reads mails, each in a file, with Python's own parser, and says as JSON what is in them."""

import email.policy
import html.parser
import json
import pathlib
import sys
from email import message_from_bytes


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.links, self.text = set(), set(), set(), []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            self.attributes.add(name)
            if name in ("href", "src", "action", "background"):
                self.links.add(value)
            if name == "style" and "url" in (value or ""):
                self.links.add(value)

    def handle_data(self, text):
        self.text.append(text)


def told(path):
    mail = message_from_bytes(path.read_bytes(), policy=email.policy.SMTP)
    page = Page()
    page.feed(mail.get_body(("html",)).get_content())
    addresses = lambda name: [
        [address.display_name, address.addr_spec] for address in mail[name].addresses
    ]
    return {
        "headers": mail.keys(),
        "defects": [str(defect) for part in mail.walk() for defect in part.defects],
        "from": addresses("From"),
        "to": addresses("To"),
        "subject": mail["Subject"],
        "parts": [part.get_content_type() for part in mail.walk()],
        "text": mail.get_body(("plain",)).get_content(),
        "html": "".join(page.text),
        "tags": sorted(page.tags),
        "attributes": sorted(page.attributes),
        "links": sorted(page.links),
    }


json.dump([told(pathlib.Path(path)) for path in sys.argv[1:]], sys.stdout)
