"""Charts as inline SVG, drawn by hand so that the notebooks need no library: lines, steps, bars, dots, bands.

Every chart has a title, a name with its unit on each axis, and round ticks; each mark carries its name as a
tooltip. Colours are told apart without red and green, and stand on a light and on a dark page.
"""
import html
import math

COLOURS = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"  # Okabe and Ito
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 330, 70, 16, 52, 46
INK = "#808080"


def round_ticks(low, high, most=7):
    """Round numbers that span low to high, steps of 1, 2 or 5."""
    span = (high - low) or abs(high) or 1.0
    step = 10.0 ** math.floor(math.log10(span / most))
    step *= next(m for m in (1, 2, 5, 10) if span / (step * m) <= most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, max(last, first + 1) + 1)]


def decades(low, high):
    """Powers of ten around low to high, with 2 and 5 between where there are few."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    steps = (1, 2, 5) if last - first <= 3 else (1,)
    ticks = [m * 10.0 ** e for e in range(first, last + 1) for m in steps]
    below = [t for t in ticks if t <= low * (1 + 1e-9)] or ticks[:1]
    above = [t for t in ticks if t >= high * (1 - 1e-9)] or ticks[-1:]
    return [t for t in ticks if below[-1] <= t <= above[0]]


def label(x):
    if x and not 1e-3 <= abs(x) < 1e6:
        return f"{x:.0e}".replace("e+0", "e").replace("e-0", "e-")
    return f"{x:,.10g}"


class Chart:
    """Add marks, then show it: the last value of a cell is drawn."""

    def __init__(self, title, x, y, *, log_x=False, log_y=False, from_zero=True, names=None):
        self.title, self.x, self.y = title, x, y
        self.log = log_x, log_y
        self.from_zero, self.names = from_zero, names  # names: of the places 0, 1, 2 ... on the x axis
        self.marks, self.xs, self.ys, self.keys = [], [], [], []

    def line(self, xs, ys, name):
        return self._add(name, xs, ys, lambda at, c: self._path(at(zip(xs, ys)), c))

    def steps(self, xs, ys, name, end):
        """Each value holds from its x to the next, the last one to `end`."""
        corners = []
        for i, (x, y) in enumerate(zip(xs, ys)):
            corners += [(x, y), (xs[i + 1] if i + 1 < len(xs) else end, y)]
        return self._add(name, [*xs, end], ys, lambda at, c: self._path(at(corners), c))

    def dots(self, xs, ys, name, tips=None, size=3.5):
        def draw(at, colour):
            out = ""
            for i, (x, y) in enumerate(at(zip(xs, ys))):
                tip = tips[i] if tips else f"{label(xs[i])}, {label(ys[i])}"
                out += (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}" fill-opacity="0.75">'
                        f"<title>{html.escape(name)}: {html.escape(tip)}</title></circle>")
            return out
        return self._add(name, xs, ys, draw)

    def bars(self, xs, ys, name, width=0.8, bottoms=None):
        bottoms = bottoms or [0.0] * len(ys)

        def draw(at, colour):
            out = ""
            for x, y, low in zip(xs, ys, bottoms):
                (left, a), (right, b) = at([(x - width / 2, low), (x + width / 2, y)])
                out += (f'<rect x="{left:.1f}" y="{min(a, b):.1f}" width="{right - left:.1f}" '
                        f'height="{abs(a - b):.1f}" fill="{colour}" fill-opacity="0.8">'
                        f"<title>{html.escape(name)}: {label(y - low)}</title></rect>")
            return out
        return self._add(name, [x + side * width / 2 for x in xs for side in (-1, 1)], [*ys, *bottoms], draw)

    def band(self, xs, lows, highs, name):
        around = [*zip(xs, lows), *reversed([*zip(xs, highs)])]
        return self._add(name, xs, [*lows, *highs], lambda at, c: (
            f'<polygon points="{self._points(at(around))}" fill="{c}" fill-opacity="0.25"/>'))

    def _add(self, name, xs, ys, draw):
        if name not in self.keys:
            self.keys.append(name)
        colour = COLOURS[self.keys.index(name) % len(COLOURS)]
        self.xs += xs
        self.ys += ys
        self.marks.append(lambda at: draw(at, colour))
        return self

    @staticmethod
    def _points(points):
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)

    def _path(self, points, colour):
        return f'<polyline points="{self._points(points)}" fill="none" stroke="{colour}" stroke-width="2"/>'

    def _axis(self, values, log):
        """Ticks, and the place of a value between the first and the last of them, 0 to 1."""
        ticks = (decades if log else round_ticks)(min(values), max(values))
        scale = math.log10 if log else float
        low, high = scale(ticks[0]), scale(ticks[-1])
        return ticks, lambda v: (scale(v) - low) / (high - low)

    def _repr_svg_(self):
        zero = [0.0] if self.from_zero and not self.log[1] else []
        y_ticks, to_y = self._axis(self.ys + zero, self.log[1])
        if self.names:
            x_ticks, to_x = range(len(self.names)), lambda v: (v + 0.5) / len(self.names)
        else:
            x_ticks, to_x = self._axis(self.xs, self.log[0])

        def at(points):
            across, up = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
            return [(LEFT + to_x(x) * across, HEIGHT - BOTTOM - to_y(y) * up) for x, y in points]

        def words(x, y, text, anchor="middle", more=""):
            text = html.escape(str(text))
            return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{text}</text>'

        out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
               f'role="img" font-family="sans-serif" font-size="11" fill="{INK}">',
               f"<title>{html.escape(self.title)}</title>",
               words(8, 16, self.title, "start", 'font-size="14"')]
        for tick in y_ticks:
            (_, y), = at([(self.xs[0], tick)])
            out.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{INK}" stroke-opacity="0.25"/>'
                       + words(LEFT - 6, y + 4, label(tick), "end"))
        for tick in x_ticks:
            (x, _), = at([(tick, y_ticks[0])])
            out.append(words(x, HEIGHT - BOTTOM + 16, self.names[tick] if self.names else label(tick)))
        out += [mark(at) for mark in self.marks]
        out.append(words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, self.x))
        out.append(words(14, (TOP + HEIGHT - BOTTOM) / 2, self.y,
                         more=f'transform="rotate(-90 14 {(TOP + HEIGHT - BOTTOM) / 2:.1f})"'))
        left = LEFT
        for key in self.keys:
            colour = COLOURS[self.keys.index(key) % len(COLOURS)]
            out.append(f'<rect x="{left:.0f}" y="28" width="12" height="10" fill="{colour}"/>'
                       + words(left + 17, 37, key, "start"))
            left += 17 + 6.2 * len(key) + 18
        return "\n".join(out) + "</svg>"
