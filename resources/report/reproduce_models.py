"""What `reproduce.py` is made of: tables read, mixed models by statsmodels, pools, pairs, combined moderators."""

import csv
import re
import warnings
from itertools import product

import numpy as np
from scipy import optimize, stats
from statsmodels.regression.linear_model import OLS
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

SIMPLER = 1e-6  # of the log likelihood: a model without a variance that is as good as this is the one to compare
RATIOS = (0.0, 0.003, 0.02, 0.1, 0.4, 1.5, 8.0)  # of the variances of study effects to sigma2, where the search begins
warnings.simplefilter("ignore")  # MixedLM warns of what is judged here by its numbers


def read(path):
    """A CSV file's rows; none where there is no such file. An apostrophe keeps texts from running as formulas."""
    if not path.is_file():
        return []

    def plain(text):
        return text[1:] if isinstance(text, str) and re.match(r"'+[=+\-@\t\r]", text) else text

    with path.open(encoding="utf-8", newline="") as file:
        return [{plain(name): plain(cell) for name, cell in row.items()} for row in csv.DictReader(file)]


def number(text):
    """NaN for what is none."""
    try:
        return float(text) if str(text).strip() else np.nan
    except ValueError:
        return np.nan


def numbers(rows, column):
    """A column, NaN where it holds no number."""
    return np.array([number(row.get(column) or "") for row in rows])


def texts(rows, column):
    """A column as text."""
    return np.array([(row.get(column) or "").strip() for row in rows], dtype=object)


def matches(rows, column, wanted):
    """Which rows hold one of some values, as text or as a number."""
    found, own = np.zeros(len(rows), dtype=bool), texts(rows, column)
    for value in wanted:
        found |= (own == str(value).strip()) & (own != "")
        found |= numbers(rows, column) == number(float(value) if isinstance(value, bool) else value)
        if isinstance(value, bool):
            found |= np.array([text.lower() == str(value).lower() for text in own])
    return found


def kept(rows, rules):
    """Which rows meet every rule of the plan."""
    found = np.ones(len(rows), dtype=bool)
    for rule in rules:
        values = numbers(rows, rule["column"])
        if rule.get("equals") is not None:
            found &= matches(rows, rule["column"], [rule["equals"]])
        if rule.get("in") is not None:
            found &= matches(rows, rule["column"], rule["in"])
        if rule.get("min") is not None:
            found &= values >= rule["min"]
        if rule.get("max") is not None:
            found &= values <= rule["max"]
    return found


def duplicates(rows, patient, who):
    """Which of some rows repeat one above in every cell."""
    seen, found = set(), np.zeros(len(rows), dtype=bool)
    for place in np.flatnonzero(who):
        if rows[place].get(patient):
            key = tuple(rows[place].values())
            found[place] = key in seen
            seen.add(key)
    return found


def standardized(y):
    """z-scores over those who have it."""
    present = y[~np.isnan(y)]
    if len(present) < 2 or not present.std(ddof=1) > 1e-12 * np.abs(present).max():
        return y * np.nan
    return (y - present.mean()) / present.std(ddof=1)


class Fit:
    """y on columns by name, with study effects: a random intercept and, if asked for, an independent slope. REML."""

    def __init__(self, y, columns, of, slope):
        self.names = ["1", *columns]
        table = np.column_stack([y, *columns.values()])
        origin, scale = table.mean(axis=0), table.std(axis=0)
        if not (scale > 1e-12 * np.abs(origin)).all():
            raise ValueError("a column is the same for every patient")
        scaled = (table - origin) / scale
        self.y, self.x, self.study = scaled[:, 0], np.column_stack([np.ones(len(y)), scaled[:, 1:]]), of
        if np.linalg.matrix_rank(self.x, tol=1e-8 * len(y) ** 0.5) < self.x.shape[1]:
            raise ValueError("some columns are determined by others")
        self.effects = {"tau2": np.ones(len(y))} if len(set(of)) > 1 else {}
        if slope and self.effects:
            self.effects["slope_var"] = columns["T"] - 0.5
        self.has_effects, self.known = bool(self.effects), tuple(self.effects)
        beta, cov, self.ratios, sigma2 = self._best()
        back = np.diag(np.r_[1.0, 1 / scale[1:]])
        back[0, 1:] = -origin[1:] / scale[1:]
        self.beta, self.cov = scale[0] * back @ beta, scale[0] ** 2 * back @ cov @ back.T
        self.sigma2 = sigma2 * scale[0] ** 2
        self.beta[0] += origin[0]

    def told(self, term):
        """Estimate and error of a term, or of weights of the terms."""
        line = np.array([name == term for name in self.names], dtype=float) if isinstance(term, str) else term
        return float(line @ self.beta), float(np.sqrt(line @ self.cov @ line))

    def variances(self):
        """By the names of the table's columns."""
        return {name: self.ratios.get(name, 0.0) * self.sigma2 for name in self.known} | {"sigma2": self.sigma2}

    def _best(self):
        """(beta, covariance, ratios of variances by name, sigma2) of the most likely model by MixedLM.

        Its optimizers need a start close by, and have no place for a variance of zero: the start is the best place of a
        grid, improved, and an effect without any variance there is left out.
        """
        names = list(self.effects)
        blocks = self._blocks(names)
        if not names:
            beta, cov, sigma2 = self._at(blocks, ())[1]
            return beta, cov, {}, sigma2
        best = max(product(RATIOS, repeat=len(names)), key=lambda ratios: self._at(blocks, ratios)[0])
        near = optimize.minimize(lambda root: -self._at(blocks, root ** 2)[0], np.sqrt(best) + 0.02,
                                 method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-11}).x ** 2
        without = [self._at(blocks, np.where(np.arange(len(near)) == i, 0.0, near))[0] for i in range(len(near))]
        likely = self._at(blocks, near)[0]
        left = [name for name, other in zip(names, without, strict=True) if other < likely - SIMPLER]
        if len(left) < len(names):
            self.effects = {name: self.effects[name] for name in left}
            return self._best()
        ratios = self._mixed(np.maximum(near, 1e-6))
        loglik, (beta, cov, sigma2) = self._at(blocks, ratios)
        if loglik < likely - SIMPLER:
            raise ValueError("MixedLM's optimizer stopped at a lower likelihood")
        return beta, cov, dict(zip(names, ratios, strict=True)), sigma2

    def _mixed(self, start):
        """statsmodels' ratios of the variances, searched from a start."""
        z = np.column_stack(list(self.effects.values()))
        model = MixedLM(self.y, self.x, groups=self.study, exog_re=z)
        begin = MixedLMParams.from_components(np.zeros(self.x.shape[1]), np.diag(start))
        free = MixedLMParams.from_components(np.ones(self.x.shape[1]), np.eye(z.shape[1])) if z.shape[1] > 1 else None
        found = model.fit(reml=True, method=["bfgs"], start_params=begin, free=free, skipped_hessian=True, gtol=1e-7)
        return [max(0.0, float(found.cov_re[i, i] / found.scale)) for i in range(z.shape[1])]

    def _blocks(self, names):
        """Each study's products of the columns, the response and the study effects."""
        a = np.column_stack([self.x, self.y])
        z = np.column_stack([self.effects[name] for name in names]) if names else np.zeros((len(a), 0))
        own = [(a[self.study == one], z[self.study == one]) for one in sorted(set(self.study))]
        return tuple(np.array([left.T @ right for left, right in pairs]) for pairs in (
            [(a, a) for a, _ in own], own, [(z, z) for _, z in own]))

    def _at(self, blocks, ratios):
        """The generalized least squares at given ratios: restricted log likelihood, (beta, covariance, sigma2)."""
        aa, az, zz = blocks
        root = np.sqrt(np.array(ratios, dtype=float))
        inner = np.eye(len(root)) + root[:, None] * zz * root
        az = az * root
        whole = (aa - az @ np.linalg.solve(inner, az.transpose(0, 2, 1))).sum(axis=0)
        xx, xy, yy = whole[:-1, :-1], whole[:-1, -1], whole[-1, -1]
        beta, freedom = np.linalg.solve(xx, xy), len(self.y) - len(xx)
        sigma2 = (yy - xy @ beta) / freedom
        loglik = -(freedom * np.log(sigma2) + np.linalg.slogdet(inner)[1].sum() + np.linalg.slogdet(xx)[1]) / 2
        return loglik, (beta, sigma2 * np.linalg.inv(xx), sigma2)


def pool(effects, errors):
    """REML and the interval of Hartung and Knapp (statsmodels pools by other estimates of the variance)."""
    y, v, k = np.array(effects), np.array(errors) ** 2, len(effects)

    def loglik(tau2):
        w = 1 / (v + tau2)
        return (np.log(v + tau2).sum() + np.log(w.sum()) + w @ (y - w @ y / w.sum()) ** 2) / 2

    upper = 4 * y.var() + 4 * v.max()
    places = np.r_[0.0, np.geomspace(1e-8, 1, 60) * upper]
    at = int(np.argmin([loglik(place) for place in places]))
    found = optimize.minimize_scalar(loglik, bounds=(places[max(at - 1, 0)], places[min(at + 1, 60)]), method="bounded",
                                     options={"xatol": 1e-13 * upper})
    tau2 = float(found.x) if found.fun < loglik(0.0) - 1e-13 else 0.0
    w, fixed = 1 / (v + tau2), 1 / v
    mean, se = w @ y / w.sum(), w.sum() ** -0.5
    knapp = np.sqrt(w @ (y - mean) ** 2 / (k - 1) / w.sum())
    typical = (k - 1) * fixed.sum() / (fixed.sum() ** 2 - (fixed ** 2).sum())
    reach, wald = stats.t.ppf(0.975, k - 1) * knapp, stats.norm.ppf(0.975) * se
    ahead = stats.t.ppf(0.975, k - 2) * np.sqrt(tau2 + se ** 2) if k > 2 else np.nan
    return {"estimate": mean, "se": se, "ci_low": mean - reach, "ci_high": mean + reach, "wald_low": mean - wald,
            "wald_high": mean + wald, "p": 2 * stats.t.sf(abs(mean / knapp), k - 1), "tau2": tau2, "k": k,
            "i2": 100 * tau2 / (tau2 + typical), "q": fixed @ (y - fixed @ y / fixed.sum()) ** 2,
            "prediction_low": mean - ahead, "prediction_high": mean + ahead}


def pair_r(y, m, active, of=None):
    """Spearman's r over pairs of an active and a control patient of y_i - y_j and (m_i + m_j)/2; near values tie."""
    d, a = np.subtract.outer(y[active], y[~active]), np.add.outer(m[active], m[~active]) / 2
    chosen = np.ones(d.shape, dtype=bool) if of is None else of[active][:, None] == of[~active]
    ranks = [stats.rankdata(np.round(x[chosen] / max(np.abs(x).max(), 1e-300), 9)) for x in (d, a)]
    return np.corrcoef(*ranks)[0, 1] if min(rank.std() for rank in ranks) > 0 else None


def pair_weights(x, y, active, penalty, lambda_, l1_ratio):
    """statsmodels' weights at the program's penalty, from the pairs' means and products: no more is needed."""
    a = np.array([(np.add.outer(one[active], one[~active]) / 2).ravel() for one in x.T])
    d = np.subtract.outer(y[active], y[~active]).ravel()
    size = a.std(axis=1)
    products = np.cov(np.vstack([a / size[:, None], d / d.std()]), bias=True)
    values, vectors = np.linalg.eigh(products)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    few = len(products) + 1
    plain = np.linalg.qr(np.column_stack([np.ones(few), np.eye(few)[:, 1:]]))[0][:, 1:] * np.sqrt(few)  # SD 1, apart
    small = plain @ root
    if penalty == "none":
        b = np.linalg.lstsq(small[:, :-1], small[:, -1], rcond=1e-10)[0]
    else:
        model, b, before = OLS(small[:, -1], small[:, :-1]), np.ones(x.shape[1]), None
        while before is None or np.abs(b - before).max() > 1e-11:  # a weight that was zero once stays so within a round
            before = b
            b = model.fit_regularized(alpha=lambda_ / d.std(), L1_wt=l1_ratio, start_params=b, maxiter=5000,
                                      cnvrg_tol=1e-13, zero_tol=1e-12).params
    w = b * d.std() / size
    return w, (np.corrcoef(w @ a, d)[0, 1] if w.any() else 0.0)
