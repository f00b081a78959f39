"""Take the pictures of the pages that the README shows: of the demo, at a desk and on a phone, as small files.

Starts `emplette demo` in a folder of its own, signs in as the people that it names, and writes docs/images/*.png.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from PIL import Image
from playwright.async_api import Browser, ViewportSize, async_playwright

from scripts.find_chromium import HOW, chromium

IMAGES: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
_COLOURS: Final = 128
_DESK: Final[ViewportSize] = {"width": 1200, "height": 760}
_PHONE: Final[ViewportSize] = {"width": 390, "height": 760}


@dataclass(frozen=True)
class Picture:
    """One picture: its name, who looks, at what, and on what; ``click`` leads there from the page."""

    name: str
    who: str
    path: str
    size: ViewportSize
    click: str = ""
    dark: bool = False


PICTURES: Final = (
    Picture("page-approval", "approver", "/approvals", _DESK, click="a[href^='/approvals/']"),
    Picture("page-home", "approver", "/", _PHONE, dark=True),
    Picture(
        "page-policy",
        "administrator",
        "/settings/policy?template=growing",
        _DESK,
        click="button[formaction$=check]",
    ),
)


def main() -> None:
    """Take all of them."""
    path = chromium()
    if path is None:
        sys.exit(f"There is no Chromium here. {HOW}")
    folder = Path(tempfile.mkdtemp(prefix="emplette-pictures-", dir="/tmp"))
    folder.chmod(0o755)
    environment = os.environ | {"EMPLETTE_DATA_DIR": str(folder), "EMPLETTE_PORT": "0", "EMPLETTE_WORKERS": "1"}
    command = [str(Path(sys.executable).with_name("emplette")), "demo"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        try:
            url, people = _last_words(demo)
            asyncio.run(_take(path, url, people))
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait()
            shutil.rmtree(folder, ignore_errors=True)


def _last_words(demo: "subprocess.Popen[str]") -> tuple[str, dict[str, tuple[str, str]]]:
    """Read where the demo is, and how its people sign in."""
    url, people = "", dict[str, tuple[str, str]]()
    for line in demo.stdout or ():
        url = found[1] if (found := re.search(r"Sign in at (\S+)/sign-in", line)) else url
        if found := re.fullmatch(r"\s+(\S+@\S+)\s+(\S+)\s+\((\w+)\)\s*", line):
            people[found[3]] = found[1], found[2]
        if line.startswith("All calls:"):
            break
    return url, people


async def _take(path: str, url: str, people: dict[str, tuple[str, str]]) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for picture in PICTURES:
            taken = await _one(browser, url, picture, people[picture.who])
            small = Image.open(BytesIO(taken)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
            small.save(IMAGES / f"{picture.name}.png", optimize=True)
            print(f"{picture.name}: {(IMAGES / f'{picture.name}.png').stat().st_size:,} bytes")
        await browser.close()


async def _one(browser: Browser, url: str, picture: Picture, login: tuple[str, str]) -> bytes:
    context = await browser.new_context(
        viewport=picture.size, locale="en-GB", color_scheme="dark" if picture.dark else "light"
    )
    page = await context.new_page()
    await page.goto(f"{url}/sign-in?{urlencode({'next': picture.path})}")
    await page.fill("#login", login[0])
    await page.fill("#password", login[1])
    await page.click("main form button")
    await page.wait_for_selector(".account")
    if picture.click:
        await page.click(picture.click)
        await page.wait_for_load_state("networkidle")
    taken = await page.screenshot()
    await context.close()
    return taken


if __name__ == "__main__":
    main()
