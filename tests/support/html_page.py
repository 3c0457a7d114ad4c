"""A page as a strict reader sees it: what is nested wrongly is an error at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Element", "read_page"]

VOID = {"meta", "br", "hr", "img", "input", "link", "base"}
INLINE = {"span", "b", "a", "strong", "mark", "q", "bdi"}
NOT_IN_A_PARAGRAPH = {
    *("p", "div", "ul", "ol", "dl", "table", "section", "figure", "details", "article"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "header", "footer", "main", "nav", "form"),
}


@dataclass
class Element:
    """An element, with what is in it in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    def all(self, *tags: str) -> list[Element]:
        """Return the elements within, in the page's order; of these tags, if given."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                found += [one] if not tags or one.tag in tags else []
                found += one.all(*tags)
        return found

    def one(self, tag: str, **attributes: str) -> Element:
        """Return the only one with these attributes."""
        found = [
            element
            for element in self.all(tag)
            if attributes.items() <= element.attributes.items()
        ]
        assert len(found) == 1, (tag, attributes, len(found))
        return found[0]

    @property
    def text(self) -> str:
        """All text within, with single blanks."""
        return " ".join(self._words().split())

    def _words(self) -> str:
        within = (one if isinstance(one, str) else one._words() for one in self.inside)
        around = "" if self.tag in INLINE else " "
        return f"{around}{''.join(within)}{around}"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice"
        above = [element.tag for element in self.open]
        assert not (tag in NOT_IN_A_PARAGRAPH and "p" in above), f"<{tag}> in a <p>"
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_endtag(self, tag: str) -> None:
        closed = self.open.pop()
        assert closed.tag == tag, f"</{tag}> closes <{closed.tag}>"

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read_page(page: str) -> Element:
    """Return a page's root; raises AssertionError where it is not nested as it says."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never closed"
    return reader.root
