"""The progress report as one HTML page that needs nothing else: pictures and charts inside, no script, printable."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.loop.versions import VersionRow
from fabric_desktop.names import FabricNames
from fabric_desktop.report.progress import StudioProgress, accuracy_chart, days_in_use, labels_chart
from fabric_desktop.report.words import confusion_text, counts_text, lead_text, percent, step_text, suspect_text
from fabric_desktop.studio import Studio
from fabric_desktop.wording import LANGS, say

_THUMBNAIL = 120

_CSS = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f4f4; color: #222; font: 15px/1.5 system-ui, "Noto Sans CJK SC", "PingFang SC",
  "Microsoft YaHei", sans-serif; }
main { max-width: 820px; margin: 0 auto; padding: 32px 40px 48px; background: #fff; }
h1 { font-size: 24px; margin: 0 0 4px; }
h2 { font-size: 17px; margin: 32px 0 8px; }
p, li { max-width: 64em; }
.quiet { color: #666; font-size: 13px; }
.lead { font-size: 17px; }
svg { display: block; width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #ddd; vertical-align: top; }
th { font-weight: 600; font-size: 13px; }
td { font-size: 14px; white-space: nowrap; }
td:last-child { white-space: normal; }
td.number, th.number { text-align: right; }
.suspects { display: flex; flex-wrap: wrap; gap: 16px; padding: 0; list-style: none; }
.suspects li { width: 150px; font-size: 13px; overflow-wrap: anywhere; }
.suspects img { width: 120px; height: 120px; object-fit: contain; background: #777; display: block; }
.switch { position: absolute; opacity: 0; }
.tongues { float: right; font-size: 13px; }
.tongues label { cursor: pointer; padding: 2px 6px; text-decoration: underline; }
section, li, tr { break-inside: avoid; }
@media print { body { background: #fff; } main { max-width: none; padding: 0; } .tongues { display: none; } }
@page { size: A4; margin: 16mm; }
"""


def report_page(
    studio: Studio,
    progress: StudioProgress,
    context: JobContext,
    *,
    now: datetime,
    langs: Sequence[str] = LANGS,
) -> str:
    """The page in these languages; with two, a switch without script shows one at a time, on screen and on paper.

    now: the moment it speaks of, with its time zone. Raises Cancelled, ValueError for a language there is none of.
    """
    if not langs or any(lang not in LANGS for lang in langs):
        raise ValueError(f"languages must be among {LANGS}, not {langs!r}")
    names = FabricNames(studio)
    pictures = _pictures(progress, context)
    bodies = [_Body(studio, progress, names, pictures, lang, now).html() for lang in langs]
    if len(langs) == 1:
        return _document(langs[0], studio, bodies[0], "")
    # The radio buttons come first, so that the rule for the checked one reaches the articles after them.
    switch = "".join(
        f'<input class="switch" type="radio" name="tongue" id="in-{lang}"{" checked" if lang == langs[0] else ""}>'
        for lang in langs
    )
    words = "".join(f'<label for="in-{lang}">{escape(say("report.tongue", lang))}</label>' for lang in langs)
    articles = "".join(
        f'<article lang="{_html_lang(lang)}" class="in-{lang}">{body}</article>'
        for lang, body in zip(langs, bodies, strict=True)
    )
    css = "article { display: none; }" + "".join(
        f"#in-{lang}:checked ~ article.in-{lang} {{ display: block; }}" for lang in langs
    )
    return _document(langs[0], studio, f'{switch}<nav class="tongues">{words}</nav>{articles}', css)


def _document(lang: str, studio: Studio, body: str, css: str) -> str:
    title = escape(say("report.title", lang, studio=studio.root.name))
    return (
        f'<!DOCTYPE html>\n<html lang="{_html_lang(lang)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:">\n'
        f"<title>{title}</title>\n<style>{_CSS}{css}</style>\n</head>\n<body>\n<main>{body}</main>\n</body>\n</html>\n"
    )


def _html_lang(lang: str) -> str:
    return "zh-CN" if lang == "zh" else lang


def _pictures(progress: StudioProgress, context: JobContext) -> dict[Path, str]:
    """Small copies of the suspect patches as data URIs; one that cannot be read has none."""
    found: dict[Path, str] = {}
    suspects = progress.suspects or ()
    for number, suspect in enumerate(suspects):
        context.progress(number, len(suspects), "job.report", photo=suspect.path.name)
        try:
            image = open_photo(suspect.path)
        except UnreadableImage:
            continue
        image.thumbnail((_THUMBNAIL, _THUMBNAIL))
        data = io.BytesIO()
        image.save(data, "JPEG", quality=85)
        found[suspect.path] = f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode('ascii')}"
    return found


class _Body:
    """The page's sections in one language."""

    def __init__(
        self,
        studio: Studio,
        progress: StudioProgress,
        names: FabricNames,
        pictures: dict[Path, str],
        lang: str,
        now: datetime,
    ) -> None:
        self._studio, self._progress, self._names = studio, progress, names
        self._pictures, self._lang, self._now = pictures, lang, now

    def html(self) -> str:
        """All sections, those that have nothing to show left out."""
        sections = [
            self._head(),
            self._next(),
            self._accuracy(),
            self._labels(),
            self._confusions(),
            self._suspects(),
            f'<p class="quiet">{self._say("limits")}</p>',
        ]
        return "\n".join(section for section in sections if section)

    def _say(self, code: str, **params: object) -> str:
        return escape(say(f"report.{code}", self._lang, **params))

    def _head(self) -> str:
        progress = self._progress
        lines = [f"<h1>{self._say('title', studio=self._studio.root.name)}</h1>"]
        lines.append(f'<p class="quiet">{self._say("made", date=f"{self._now:%Y-%m-%d %H:%M}")}</p>')
        lines.append(f'<p class="lead">{escape(lead_text(progress, self._lang))}</p>')
        lines.append(f"<p>{escape(counts_text(progress, self._lang))}</p>")
        if progress.labels and not progress.grouped:
            lines.append(f'<p class="quiet">{escape(say("notice.not_grouped", self._lang))}</p>')
        return "".join(lines)

    def _accuracy(self) -> str:
        rows = self._progress.rows
        if not rows:
            return ""
        chart = accuracy_chart(self._progress, self._lang, heading=False) or ""
        heads = ["version", "made_on", "in_use_for", "trained_on", "top1", "interval", "top3", "calibration", "note"]
        head = "".join(f"<th>{self._say(f'column_{name}')}</th>" for name in heads)
        body = "".join(self._row(row) for row in reversed(rows))
        return (
            f"<section><h2>{self._say('accuracy')}</h2>{chart}<table><thead><tr>{head}</tr></thead>"
            f'<tbody>{body}</tbody></table><p class="quiet">{self._say("accuracy_note")}</p></section>'
        )

    def _row(self, row: VersionRow) -> str:
        days, scores = days_in_use(row, self._now), row.scores
        use = self._say("never") if days is None else self._say("days", count=days)
        if row.in_use:
            use += f" ({self._say('now')})"
        measured = ["–"] * 4
        if scores is not None:
            measured = [
                f"{percent(scores.top1, self._lang)} ({round(scores.top1 * scores.patches)}/{scores.patches})",
                f"{percent(scores.low, self._lang)} – {percent(scores.high, self._lang)}",
                percent(scores.top3, self._lang),
                percent(scores.calibration_error, self._lang),
            ]
        cells = [
            row.name,
            f"{row.created:%Y-%m-%d}" if row.created is not None else "–",
            use,
            "–" if row.samples is None else str(row.samples),
            *measured,
            escape(row.note),
        ]
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    def _labels(self) -> str:
        chart = labels_chart(self._progress, self._names, self._lang, heading=False)
        return "" if chart is None else f"<section><h2>{self._say('labels')}</h2>{chart}</section>"

    def _confusions(self) -> str:
        pairs = self._progress.confusions
        if not pairs:
            return ""
        texts = [confusion_text(pair, self._names, self._lang) for pair in pairs]
        items = "".join(f"<li>{escape(text)}</li>" for text in texts)
        return f"<section><h2>{self._say('confusions')}</h2><ul>{items}</ul></section>"

    def _suspects(self) -> str:
        suspects = self._progress.suspects
        if suspects is None:
            return f'<section><h2>{self._say("suspects")}</h2><p class="quiet">{self._say("no_encoder")}</p></section>'
        if not suspects:
            return ""
        items = []
        for suspect in suspects:
            picture = self._pictures.get(suspect.path)
            image = f'<img src="{picture}" alt="">' if picture is not None else ""
            words = escape(suspect_text(suspect, self._names, self._lang))
            path = escape(self._studio.relative(suspect.path))
            items.append(f'<li>{image}{words}<br><span class="quiet">{path}</span></li>')
        return (
            f"<section><h2>{self._say('suspects')}</h2><p>{self._say('suspects_note')}</p>"
            f'<ul class="suspects">{"".join(items)}</ul></section>'
        )

    def _next(self) -> str:
        steps = self._progress.steps
        if not steps:
            return ""
        items = "".join(f"<li>{escape(step_text(step, self._names, self._lang))}</li>" for step in steps)
        return f"<section><h2>{self._say('next')}</h2><ol>{items}</ol></section>"
