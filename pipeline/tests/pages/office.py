"""What a worklist must survive in another spreadsheet program: `python3 office.py PAGES DEMO EARLYCALL`.

PAGES is what the example `pages` wrote, DEMO the folder of a demo, EARLYCALL the program. LibreOffice opens the lists, types
into them, and saves them; the saved files are read as they lie on disk. Needs LibreOffice Calc and its Python bridge (Debian:
libreoffice-calc-nogui, python3-uno). Says each check, and exits with 1 if any fails.
"""

import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
XLSX = ("FilterName", "Calc MS Excel 2007 XML")
# Commas, quotes, UTF-8; whatever looks like a number, a date or a formula becomes one.
EAGER_CSV = [
    ("FilterName", "Text - txt - csv (StarCalc)"),
    ("FilterOptions", "44,34,76,1,,0,false,true,false,false,false,0,true"),
]


class Office:
    """A LibreOffice of our own, with a profile of its own, for as long as the block lasts."""

    def __init__(self, scratch):
        self.address = f"pipe,name=earlycall-{scratch.name}"
        profile = (scratch / "profile").as_uri()
        quiet = ["--headless", "--norestore", "--nologo", f"-env:UserInstallation={profile}"]
        self.command = ["soffice", *quiet, f"--accept={self.address};urp;"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        here = uno.getComponentContext()
        resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
        for _ in range(240):
            try:
                there = resolver.resolve(f"uno:{self.address};urp;StarOffice.ComponentContext")
                self.desktop = there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
                return self
            except NoConnectException:
                time.sleep(0.5)
        self.process.kill()
        raise SystemExit("LibreOffice does not answer")

    def __exit__(self, *_):
        self.desktop.terminate()
        self.process.wait(timeout=60)

    def saved(self, path, to, typed=(), opened_as=()):
        """Opens a file, types into lines of it, saves it as xlsx, and gives the path of that."""
        book = self.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, properties(("Hidden", True), *opened_as))
        for line, heading, text in typed:
            sheet = book.Sheets.getByIndex(0)
            columns = range(sheet.Columns.Count)
            column = next(n for n in columns if sheet.getCellByPosition(n, 0).String == heading)
            # As if it had been typed: what looks like a date becomes one.
            sheet.getCellByPosition(column, line).setFormula(text)
        book.storeToURL(to.as_uri(), properties(XLSX))
        book.close(True)
        return to


def properties(*named):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in named)


class Book:
    """An xlsx file as it lies on disk: cells by sheet and place, formulas, and cells that show a date."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as parts:
            tree = {name: ET.fromstring(parts.read(name)) for name in parts.namelist() if name.endswith(".xml")}
        shared = tree.get("xl/sharedStrings.xml")
        self.shared = [text_of(item) for item in shared.iter(f"{SPREADSHEET}si")] if shared is not None else []
        styles = tree["xl/styles.xml"]
        own = {form.get("numFmtId"): form.get("formatCode") for form in styles.iter(f"{SPREADSHEET}numFmt")}
        forms = [form.get("numFmtId") for form in styles.find(f"{SPREADSHEET}cellXfs")]
        is_date = [14 <= int(form) <= 22 or "yy" in own.get(form, "").lower() for form in forms]
        self.cells, self.formulas, self.dates = {}, [], set()
        for name in sorted(name for name in tree if name.startswith("xl/worksheets/sheet")):
            for cell in tree[name].iter(f"{SPREADSHEET}c"):
                place = (name, cell.get("r"))
                if cell.find(f"{SPREADSHEET}f") is not None:
                    self.formulas.append(place)
                if (value := self.value(cell)) is not None:
                    self.cells[place] = value
                    if isinstance(value, float) and is_date[int(cell.get("s", 0))]:
                        self.dates.add(place)

    def value(self, cell):
        if cell.get("t") == "inlineStr":
            return text_of(cell)
        value = cell.find(f"{SPREADSHEET}v")
        if value is None or value.text is None:
            return None
        match cell.get("t", "n"):
            case "s":
                return self.shared[int(value.text)] or None
            case "n":
                return float(value.text)
            case _:
                return value.text

    def place(self, line, heading):
        """The place of a cell of the first sheet, by its heading in the first row."""
        sheet = min(name for name, _ in self.cells)
        column = next(place[1][:-1] for place, value in self.cells.items() if value == heading and place[1][-1:] == "1")
        return sheet, f"{column}{line + 1}"


def text_of(item):
    return "".join(text.text or "" for text in item.iter(f"{SPREADSHEET}t"))


def same(before, after):
    """The same cells: texts are texts, also of digits alone, and numbers are numbers."""
    assert not after.formulas, f"formulas at {after.formulas[:3]}"
    places = before.cells.keys() | after.cells.keys()
    other = sorted(place for place in places if before.cells.get(place) != after.cells.get(place))
    assert not other, f"{len(other)} cells are others, the first {other[0]}"
    return f"{len(after.cells)} cells"


def resaved(office, scratch, path):
    return same(Book(path), Book(office.saved(path, scratch / f"resaved-{path.name}")))


def eager_csv(office, scratch, path):
    after = Book(office.saved(path, scratch / "from-csv.xlsx", opened_as=EAGER_CSV))
    assert not after.formulas, f"formulas at {after.formulas[:3]}"
    return f"{len(after.cells)} cells"


def handed_in(office, scratch, demo, program):
    """An outcome is filled in, with days, and the program takes the file as LibreOffice saved it; twice changes nothing."""
    lists = sorted((demo / "out/current/worklists").glob("*/worklist.xlsx"))
    path = next(path for path in lists if any(place[1] == "A3" for place in Book(path).cells))
    typed = [
        (1, "Outcome", "Call back"),
        (1, "Called on", "2026-11-21"),
        (1, "Call again on", "2026-11-28"),
        (2, "Outcome", "No answer"),
    ]
    before, after = Book(path), Book(office.saved(path, filled := scratch / "filled.xlsx", typed))
    days = [after.place(1, heading) for heading in ("Called on", "Call again on")]
    assert after.dates == set(days), "what was typed as a day is one, and nothing else became one"
    new = {place: after.cells.pop(place) for place in after.cells.keys() - before.cells.keys()}
    assert len(new) == len(typed), f"{len(new)} cells are filled in"
    same(before, after)
    for expected in ("2 new, 0 corrected, 0 known already", "0 new, 0 corrected, 2 known already"):
        add = [program, "feedback", "add", filled, "--config", demo / "earlycall.toml", "--by", "u-01"]
        said = subprocess.run(add, capture_output=True, text=True, check=False)
        told = said.stdout + said.stderr
        assert said.returncode == 0 and expected in told, told
    return "2 contacts"


def main():
    pages, demo, program = (Path(given).resolve() for given in sys.argv[1:4])
    failures = 0
    with tempfile.TemporaryDirectory(prefix="earlycall-office-") as folder, Office(scratch := Path(folder)) as office:
        for what, check in [
            ("LibreOffice saves a list with the same cells and no formula", lambda: resaved(office, scratch, pages / "list.xlsx")),
            ("hostile texts stay texts when LibreOffice saves them", lambda: resaved(office, scratch, pages / "hostile.xlsx")),
            ("hostile texts in CSV become no formula, however eagerly it is read", lambda: eager_csv(office, scratch, pages / "hostile.csv")),
            ("outcomes that were filled in and saved by LibreOffice are taken in", lambda: handed_in(office, scratch, demo, program)),
        ]:
            started = time.monotonic()
            try:
                print(f"ok      {what}: {check()} ({time.monotonic() - started:.1f} s)")
            except AssertionError as error:
                failures += 1
                print(f"FAILED  {what}: {error}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
