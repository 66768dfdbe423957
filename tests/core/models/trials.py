"""Invented trials for the tests of the models, and the definition of their deviance written out over patients."""

from __future__ import annotations

import numpy as np

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def trial(seed: int, k: int = 8, tau: float = 0.5, nu: float = 0.4, size: int = 12) -> Rows:
    """(y, treatment, study) of invented trials, every study with both arms."""
    rng = np.random.default_rng(seed)
    study = np.repeat(np.arange(k), rng.integers(4, size + 1, k))
    treatment = rng.integers(0, 2, len(study)).astype(float)
    first = np.flatnonzero(np.diff(study, prepend=-1))
    treatment[first], treatment[first + 1] = 0, 1
    y = 20 + 0.5 * treatment + tau * rng.normal(size=k)[study] + rng.normal(size=len(study))
    return y + nu * rng.normal(size=k)[study] * (treatment - 0.5), treatment, study


def dense_deviance(y: np.ndarray, x: np.ndarray, h: np.ndarray, *, reml: bool) -> float:
    """-2 log likelihood from the n x n matrix H, profiled over σ²: Bates et al. 2015, written out."""
    nu = len(y) - x.shape[1] if reml else len(y)
    inverse = np.linalg.inv(h)
    cross = x.T @ inverse @ x
    residual = y - x @ np.linalg.solve(cross, x.T @ inverse @ y)
    value = np.linalg.slogdet(h)[1] + nu * (1 + np.log(2 * np.pi * residual @ inverse @ residual / nu))
    return float(value + np.linalg.slogdet(cross)[1] if reml else value)


def dense_h(study: np.ndarray, lines: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """H (n, n) = I + Z D Z' within studies, for lines Z (n, q) and their covariance D (q, q) over σ²."""
    return np.eye(len(study)) + (study[:, None] == study) * (lines @ ratios @ lines.T)
