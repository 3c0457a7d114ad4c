"""What is known of the agreement between raters, and how it is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from judge.calibration.telling import Told
from judge.labels.label import LabelSource
from judge.provenance import Frozen
from judge.statistics.estimate import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Agreement", "Coefficients", "SeverityAgreement"]

BRIEF_ABOVE, BRIEF = 3, 4
"""With more labelers than this, pairs are written with this many lines each; `to_frame`
has all."""
GUIDES = (0.667, 0.800)
"""Krippendorff's lines for alpha; to be held against the lower limit."""


class SeverityAgreement(Frozen):
    """How far severities agree; of two raters, the second minus the first."""

    alpha: Estimate
    """Krippendorff's, ordinal."""
    icc2: Estimate
    """ICC(2,1), over transcripts that all of the raters rated."""
    icc2k: Estimate
    """ICC(2,k), of their mean."""
    kappa: Estimate | None = None
    """Cohen's with quadratic weights; this and the rest for two raters."""
    kappa_unweighted: Estimate | None = None
    """Cohen's over the levels as mere classes."""
    spearman: Estimate | None = None
    kendall: Estimate | None = None
    exact: Estimate | None = None
    within_one: Estimate | None = None
    bias: Estimate | None = None
    """Mean of the second minus the first, in levels."""

    def rows(self) -> Iterator[tuple[str, Estimate]]:
        yield "severity, alpha (ordinal)", self.alpha
        yield "severity, ICC(2,1)", self.icc2
        yield "severity, ICC(2,k)", self.icc2k
        told = {
            "kappa (quadratic)": self.kappa,
            "kappa (unweighted)": self.kappa_unweighted,
            "Spearman's rho": self.spearman,
            "Kendall's tau-b": self.kendall,
            "same level": self.exact,
            "within one level": self.within_one,
            "levels higher in the second": self.bias,
        }
        for name, estimate in told.items():
            if estimate is not None:
                yield f"severity, {name}", estimate


class Coefficients(Frozen):
    """Agreement of two raters or more on the same transcripts."""

    raters: tuple[str, ...]
    n: int
    """Transcripts that at least two of them rated."""
    percent: Estimate
    positive: Estimate
    """Of the ratings of present, how many the other shares; unsure left out."""
    negative: Estimate
    alpha: Estimate
    """Krippendorff's, nominal."""
    kappa: Estimate
    """Cohen's for two raters, Fleiss' for more."""
    ac1: Estimate
    """Gwet's."""
    rarer_share: float | None = None
    """Share of the rarer of present and absent among the ratings."""
    severity: SeverityAgreement | None = None

    @property
    def paradox(self) -> str:
        """A note where kappa and AC1 part, or an answer is rare; else empty."""
        kappa, ac1, rare = self.kappa.value, self.ac1.value, self.rarer_share
        apart = kappa is not None and ac1 is not None and abs(ac1 - kappa) > 0.2
        if rare is None or (rare >= 0.1 and not apart):
            return ""
        told = [f"the rarer answer is {100 * rare:.1f} % of the ratings"]
        if apart:
            told.append(
                f"kappa ({kappa:.2f}) and AC1 ({ac1:.2f}) part: kappa asks for "
                "agreement beyond what the raters' habits bring about, AC1 beyond "
                "guessing where it is hard; neither is wrong"
            )
        else:
            told.append("percent agreement is then high whatever they do")
        return "; ".join((*told, "read the positive agreement"))

    def rows(self) -> Iterator[tuple[str, Estimate]]:
        """Yield each coefficient under the name it is written with."""
        yield "same answer", self.percent
        yield "positive agreement", self.positive
        yield "negative agreement", self.negative
        yield "Krippendorff's alpha", self.alpha
        yield f"{'Cohen' if len(self.raters) == 2 else 'Fleiss'} kappa", self.kappa
        yield "Gwet's AC1", self.ac1
        if self.severity is not None:
            yield from self.severity.rows()

    def lines(self) -> list[str]:
        told = [f"  {name}: {_told(estimate)}" for name, estimate in self.rows()]
        if self.alpha.low is not None:
            told.append(
                f"  guide lines for alpha (Krippendorff): {GUIDES[0]:.3f} and "
                f"{GUIDES[1]:.3f}, against its lower limit, {self.alpha.low:.3f}"
            )
        return [*told, f"  note: {self.paradox}"] if self.paradox else told


class Agreement(Told):
    """How far raters of the same transcripts agree.

    Printed, it says all of it; `matrix` and `to_frame` are tables, `to_dict` is JSON.
    """

    rubric: str
    source: LabelSource
    """Who made the labels compared: human, author or model; one of them only."""
    described: str
    labelers: tuple[str, ...]
    overall: Coefficients | None = None
    """Among the labelers; None with fewer than two."""
    pairs: tuple[Coefficients, ...] = ()
    """Labeler with labeler."""
    with_judge: tuple[Coefficients, ...] = ()
    """Labeler first, judge second."""
    again: tuple[Coefficients, ...] = ()
    """Each labeler's first and second answer to the same transcript."""
    judge: str | None = None
    """The name of the judge's column."""
    unsure: int = 0
    """Answers of unsure among the labels; an answer of its own, except for positive
    and negative agreement, which leave it out."""
    clustered: bool = False
    """Whether scenarios were resampled instead of transcripts."""
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """That of the first alpha there is; ``refused`` where there is none."""
        every = (found.alpha.status for _, found in self._all())
        return next((status for status in every if status != "refused"), "refused")

    def matrix(self, measure: str = "alpha") -> pd.DataFrame:
        """Return rater x rater values of one measure, the judge last; NaN if refused.

        ``measure`` is ``percent``, ``positive``, ``negative``, ``alpha``, ``kappa`` or
        ``ac1``.
        """
        import pandas as pd

        names = [*self.labelers, *filter(None, [self.judge])]
        table = pd.DataFrame(float("nan"), index=names, columns=names)
        for pair in (*self.pairs, *self.with_judge):
            value = getattr(pair, measure).value
            if value is not None:
                one, other = pair.raters
                table.loc[one, other] = table.loc[other, one] = value
        return table

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient: who, what, value, low, high, n, status."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "among": among,
                    "raters": " | ".join(found.raters),
                    "measure": name,
                    **estimate.model_dump(
                        include={"value", "low", "high", "n", "status", "reason"}
                    ),
                }
                for among, found in self._all()
                for name, estimate in found.rows()
            ]
        )

    def lines(self) -> list[str]:
        """Return it as plain text, line by line."""
        told = [f"Agreement on {self.rubric}: {self.described}"]
        if self.source == "author":
            told.append("These are author labels, not human ones.")
        if self.overall is None:
            told.append("Among the labelers: refused: fewer than two of them")
        brief = len(self.labelers) > BRIEF_ABOVE
        for among, found in self._all():
            told.append(f"{among}, {_and(found.raters)}, on {found.n:,} transcripts:")
            short = brief and found is not self.overall
            told.extend(found.lines()[:BRIEF] if short else found.lines())
        return [*told, *self.notes]

    def _all(self) -> Iterator[tuple[str, Coefficients]]:
        if self.overall is not None:
            yield "Among the labelers", self.overall
        if len(self.pairs) > 1:
            yield from (("Of two", pair) for pair in self.pairs)
        yield from (("With the judge", pair) for pair in self.with_judge)
        yield from (("The same labeler again", pair) for pair in self.again)

    def __repr__(self) -> str:
        alpha = "" if self.overall is None else f", alpha {self.overall.alpha}"
        judge = " and the judge" if self.judge else ""
        return f"<agreement of {len(self.labelers)} labelers{judge}{alpha}>"


def _told(estimate: Estimate) -> str:
    told = f"{estimate}, n {estimate.n:,}"
    if estimate.status != "caution":
        return told
    return f"{told}; caution: {estimate.reason}; {estimate.remedy}".removesuffix("; ")


def _and(names: tuple[str, ...]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1]))
