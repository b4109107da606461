"""A workbook read with the standard library alone, and the formulas that Tideline writes, computed anew."""
import re
import xml.etree.ElementTree as ElementTree
import zipfile

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
REFERENCE = re.compile(r"(?:(?:'([^']+)'|([A-Za-z][\w-]*))!)?"  # sheet
                       r"\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?(?![\w(])")


def number_of(column):
    value = 0
    for letter in column:
        value = value * 26 + ord(letter) - ord("A") + 1
    return value


def name_of(number):
    name = ""
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


class Workbook:
    """`cached`: what a cell shows, by (sheet, "C7"); `formulas`: those cells that have one."""

    def __init__(self, path):
        self.cached, self.formulas, self.sheets = {}, {}, []
        with zipfile.ZipFile(path) as archive:
            strings = [
                "".join(t.text or "" for t in item.iter(MAIN + "t"))
                for item in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))]
            links = {link.get("Id"): link.get("Target")
                     for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))}
            for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(MAIN + "sheet"):
                self.sheets.append(sheet.get("name"))
                self._read(sheet.get("name"), archive.read("xl/" + links[sheet.get(ID)]), strings)
        self.edited = {}

    def _read(self, sheet, xml, strings):
        for cell in ElementTree.fromstring(xml).iter(MAIN + "c"):
            value, formula = cell.find(MAIN + "v"), cell.find(MAIN + "f")
            if value is None:
                continue
            at = (sheet, cell.get("r"))
            kind = cell.get("t")  # s: a text of the table, str: one that a formula gave
            self.cached[at] = (strings[int(value.text)] if kind == "s" else
                               value.text if kind == "str" else float(value.text))
            if formula is not None:
                self.formulas[at] = formula.text

    def find(self, sheet, text):
        """The row of the cell in column A that holds a text."""
        for (name, cell), value in self.cached.items():
            if name == sheet and re.fullmatch(r"A\d+", cell) and value == text:
                return int(cell[1:])
        raise KeyError(text)

    def edit(self, sheet, cell, value):
        assert (sheet, cell) not in self.formulas, "an input, not a formula"
        self.edited[(sheet, cell)] = value

    def values(self):
        """Every formula computed from the inputs and the edits."""
        known = {}

        def value(sheet, cell):
            at = (sheet, cell)
            if at in self.edited or at not in self.formulas:
                return self.edited.get(at, self.cached.get(at, 0.0))
            if at not in known:
                known[at] = self._compute(sheet, self.formulas[at], value)
            return known[at]

        return {at: value(*at) for at in self.formulas}

    def _compute(self, sheet, formula, value):
        def reference(match):
            where = match[1] or match[2] or sheet
            if not match[5]:
                return f"value({where!r}, {match[3] + match[4]!r})"
            cells = [name_of(c) + str(r)
                     for r in range(int(match[4]), int(match[6]) + 1)
                     for c in range(number_of(match[3]), number_of(match[5]) + 1)]
            return f"[value({where!r}, c) for c in {cells!r}]"

        def sumif(tests, wanted, amounts):
            return sum(a for t, a in zip(tests, amounts) if t == wanted)

        python = re.sub(r'^IF\((.*?)>0,(.*),"none"\)$', r'(\2) if (\1)>0 else "none"', formula)
        text = REFERENCE.sub(reference, python)
        computed = eval(text, {"value": value, "SUM": sum, "SUMIF": sumif})
        return computed if computed == "none" else float(computed)
