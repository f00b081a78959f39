"""Bring the catalogues of the pages up to date: every text that pages say, in the order of the files, as translated.

Beside each stands what the rules say: sentences that pages only pass on (``locales/rules``).

What is new stands there without a translation, for which the tests look; what is not said any more is gone.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from scripts.rule_words import sentences

PAGES: Final = Path(__file__).resolve().parents[1] / "src" / "emplette" / "http" / "pages"
CATALOGUES: Final = PAGES / "locales"
OF_RULES: Final = CATALOGUES / "rules"
_METHODS: Final = [("**.py", "python"), ("templates/**.html", "jinja2.ext.babel_extract")]
_KEYWORDS: Final = {"_": None, "marked": None, "gettext": None, "ngettext": (1, 2)}
_JINJA: Final = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false", "newstyle_gettext": "true"}


@cache
def said() -> list[str]:
    """List every text that pages say, each once."""
    found = extract_from_dir(
        str(PAGES), method_map=_METHODS, options_map={"templates/**.html": _JINJA}, keywords=_KEYWORDS
    )
    texts: dict[str, None] = {}
    for _, _, text, _, _ in sorted(found, key=lambda each: (each[0], each[1])):
        for one in text if isinstance(text, tuple) else (text,):
            texts[one] = None
    return list(texts)


def translated(path: Path) -> dict[str, str]:
    """Read a catalogue: each text with its translation."""
    catalogue = read_po(BytesIO(path.read_bytes()), ignore_obsolete=True)
    return {str(message.id): str(message.string) for message in catalogue if message.id}


@cache
def said_by_rules() -> list[str]:
    """List every sentence of the rules that no page says itself."""
    own = set(said())
    return [text for text in sentences() if text not in own]


def main() -> None:
    """Write every catalogue anew."""
    for folder, texts in ((CATALOGUES, said()), (OF_RULES, said_by_rules())):
        for path in sorted(folder.glob("*.po")):
            _write(path, texts)


def _write(path: Path, texts: list[str]) -> None:
    known = translated(path)
    catalogue = Catalog(locale=path.stem, fuzzy=False)
    for text in texts:
        catalogue.add(text, known.get(text, ""))
    out = BytesIO()
    write_po(out, catalogue, width=0, omit_header=True, no_location=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {path.stem}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    path.write_text(head + out.getvalue().decode().strip() + "\n", encoding="utf-8")
    missing = sum(not string for string in translated(path).values())
    print(f"{path.relative_to(CATALOGUES)}: {len(texts)} texts, {missing} not translated")


if __name__ == "__main__":
    main()
