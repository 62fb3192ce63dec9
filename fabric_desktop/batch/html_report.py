"""The printable swatch report: one HTML file without scripts or links, its pictures inside, fabric by fabric."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from fabric_desktop.batch.results import BatchReport, NamedFabric, PhotoResult
from fabric_desktop.batch.table import color_words, folder_of, photo_count
from fabric_desktop.batch.thumbnails import Thumbnails
from fabric_desktop.errors import UnreadableImage
from fabric_desktop.jobs import JobContext
from fabric_desktop.names import FabricNames
from fabric_desktop.paths import resource
from fabric_desktop.studio import Studio
from fabric_desktop.wording import say, sure_per_cent

# Photos up to which a side in px is kept: a report of thousands must still open, at about 3 KB a picture.
_SIDES = ((300, 320), (2000, 200))
_SMALLEST_SIDE = 112
_REFERENCES = 4
# Nothing but its own pictures and style: whatever a file is called, the page runs nothing and fetches nothing.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_CANDIDATES = 3


def html_report(
    report: BatchReport, studio: Studio, lang: str, about: Sequence[tuple[str, str]], context: JobContext
) -> str:
    """The report as HTML. `about` says what it was made with. Raises Cancelled."""
    return "".join(_Page(report, studio, lang, context).parts(about))


class _Page:
    def __init__(self, report: BatchReport, studio: Studio, lang: str, context: JobContext) -> None:
        self._report, self._studio, self._lang, self._context = report, studio, lang, context
        self._names = FabricNames(studio)
        side = next((side for limit, side in _SIDES if len(report.results) <= limit), _SMALLEST_SIDE)
        self._thumbnails = Thumbnails(studio, side)
        self._done = 0

    def _say(self, code: str, **params: object) -> str:
        return escape(say(f"batch.{code}", self._lang, **params))

    def parts(self, about: Sequence[tuple[str, str]]) -> Iterator[str]:
        report = self._report
        title = self._say("title", folder=report.folder.name)
        css = resource("report", "swatches.css").read_text(encoding="utf-8")
        lang = "zh-CN" if self._lang == "zh" else "en"
        yield f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        yield f"<title>{title}</title>\n<style>\n{css}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n"
        yield self._summary()
        yield "</header>\n"
        groups: dict[str, list[PhotoResult]] = {fabric: [] for fabric in report.by_fabric()}
        unknown: list[PhotoResult] = []
        failed: list[PhotoResult] = []
        for result in report.results:
            if result.error:
                failed.append(result)
            elif result.first is None or result.unknown:
                unknown.append(result)
            else:
                groups[result.first.id].append(result)
        for fabric, results in groups.items():
            yield from self._fabric(fabric, results)
        if unknown:
            yield f"<section>\n<h2>{self._say('unknown_section')} <small>{len(unknown)}</small></h2>\n"
            yield from self._cards(unknown)
            yield "</section>\n"
        if failed:
            yield f"<section>\n<h2>{self._say('failed_section')} <small>{len(failed)}</small></h2>\n<ul>\n"
            for result in failed:
                reason = escape(say(f"error.unreadable_image.reason.{result.error}", self._lang))
                yield f"<li>{escape(str(result.photo))}: {reason}</li>\n"
            yield "</ul>\n</section>\n"
        yield "<footer>\n<dl>\n"
        for name, text in about:
            yield f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>\n"
        yield "</dl>\n</footer>\n</body>\n</html>\n"

    def _summary(self) -> str:
        counts = self._report.counts()
        words = "".join(f"<li><b>{count}</b> {self._say(f'word.{word}')}</li>" for word, count in counts.items())
        rows = "".join(
            f'<tr><td><a href="#{self._anchor(fabric)}">{escape(self._names.name(fabric, self._lang))}</a></td>'
            f"<td>{escape(self._other_name(fabric))}</td>"
            f"<td>{escape(self._names.info(fabric).article)}</td><td class=number>{count}</td></tr>\n"
            for fabric, count in self._report.by_fabric().items()
        )
        head = "".join(f"<th>{self._say(f'summary.{name}')}</th>" for name in ("fabric", "other_name", "article"))
        head += f"<th class=number>{self._say('summary.photos')}</th>"
        far = f"<p>{escape(say('cli.batch.far', self._lang))}</p>\n" if self._report.far_from_library else ""
        table = f"<table>\n<tr>{head}</tr>\n{rows}</table>\n" if rows else ""
        return (
            f"<p>{self._say('lead', photos=photo_count(self._report, self._lang))}</p>\n"
            f"<ul class=words>{words}</ul>\n{far}{table}"
        )

    def _anchor(self, fabric: str) -> str:
        return "f" + fabric.encode("utf-8", "surrogatepass").hex()

    def _other_name(self, fabric: str) -> str:
        """The name in the other language; empty where it is the same."""
        zh, en = self._names.both(fabric)
        return "" if zh == en else en if self._lang == "zh" else zh

    def _fabric(self, fabric: str, results: Sequence[PhotoResult]) -> Iterator[str]:
        name, other = self._names.name(fabric, self._lang), self._other_name(fabric)
        beside = f" <span class=other>{escape(other)}</span>" if other else ""
        yield f'<section id="{self._anchor(fabric)}">\n<h2>{escape(name)}{beside} <small>{len(results)}</small></h2>\n'
        declared = self._names.info(fabric).declared()
        if declared:
            texts = " · ".join(f"{self._say(f'declared.{key}')} {escape(text)}" for key, text in declared.items())
            yield f"<p class=declared>{self._say('declared_by_people')} {texts}</p>\n"
        references = [picture for photo in self._references(fabric, results) if (picture := self._picture(photo))]
        if references:
            yield f"<p class=references><span>{self._say('references')}</span>{''.join(references)}</p>\n"
        yield from self._cards(results)
        yield "</section>\n"

    def _references(self, fabric: str, results: Sequence[PhotoResult]) -> list[Path]:
        """The references that spoke for these photos, the most often nearest first."""
        spoke = [result.first.nearest for result in results if result.first is not None and result.first.nearest]
        order = sorted(set(spoke), key=lambda photo: (-spoke.count(photo), photo))
        return [self._studio.root / photo for photo in order[:_REFERENCES]]

    def _cards(self, results: Sequence[PhotoResult]) -> Iterator[str]:
        yield "<div class=cards>\n"
        # What needs a look comes first.
        for result in sorted(results, key=lambda result: result.first.confidence if result.first is not None else 0.0):
            self._done += 1
            self._context.progress(self._done, len(self._report.results), "job.report", photo=result.photo.name)
            yield self._card(result)
        yield "</div>\n"

    def _card(self, result: PhotoResult) -> str:
        picture = self._picture(result.photo) or "<span class=gone></span>"
        folder = folder_of(self._report, result.photo)
        place = f"{folder}/{result.photo.name}" if folder else result.photo.name
        word = f"<p class='word {result.word}'>{self._say(f'word.{result.word}')}</p>"
        rows = "".join(self._candidate(candidate) for candidate in result.candidates[:_CANDIDATES])
        chips = "".join(f'<i style="background:{escape(code, quote=True)}"></i>' for _, code, _ in result.colors[:4])
        return (
            f"<figure>{picture}<figcaption><p class=file>{escape(place)}</p>{word}<table>{rows}</table>"
            f"<p class=colors>{chips}<span>{escape(color_words(result, self._lang))}</span></p></figcaption></figure>\n"
        )

    def _candidate(self, candidate: NamedFabric) -> str:
        percent = round(100 * candidate.confidence)
        sure = sure_per_cent(candidate.confidence, self._lang)
        return (
            f"<tr><td>{escape(self._names.name(candidate.id, self._lang))}</td>"
            f'<td class=bar><i style="width:{percent}%"></i></td><td class=number>{sure}</td></tr>'
        )

    def _picture(self, photo: Path) -> str:
        """The photo as a picture inside the page, or nothing when it has gone since."""
        try:
            data = self._thumbnails.data(photo)
        except UnreadableImage:
            return ""
        source = base64.b64encode(data).decode("ascii")
        return f'<img alt="{escape(photo.name, quote=True)}" src="data:image/jpeg;base64,{source}">'
