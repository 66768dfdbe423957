"""Quantiles and two-sided p of the reference distributions, from scipy.special: the numbers of scipy.stats to the last
digits, without its second of loading, which every process of a run would pay.
"""

from __future__ import annotations

from scipy.special import chdtri, fdtrc, ndtr, ndtri, stdtr, stdtrit


def t_quantile(share: float, df: float) -> float:
    """The value below which `share` of Student's t with `df` degrees of freedom lies; NaN for df <= 0."""
    return float(stdtrit(df, share))


def t_two_sided(statistic: float, df: float) -> float:
    """The share of Student's t farther from 0 than `statistic`."""
    return float(2 * stdtr(df, -abs(statistic)))


def normal_quantile(share: float) -> float:
    """The value below which `share` of the normal distribution lies."""
    return float(ndtri(share))


def normal_two_sided(statistic: float) -> float:
    """The share of the normal distribution farther from 0 than `statistic`."""
    return float(2 * ndtr(-abs(statistic)))


def chi2_quantile(share: float, df: float) -> float:
    """The value below which `share` of chi-squared with `df` degrees of freedom lies."""
    return float(chdtri(df, 1 - share))


def f_above(statistic: float, df1: float, df2: float) -> float:
    """The share of F with `df1` and `df2` degrees of freedom above `statistic`."""
    return float(fdtrc(df1, df2, statistic))


NORMAL_95 = normal_quantile(0.975)
"""Half a 95 % normal interval, in standard errors."""
