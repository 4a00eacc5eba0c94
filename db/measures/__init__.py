"""The home of statistics: numbers in, numbers out; no database, no files.

Where a number cannot be said (no cases, nothing varies) it is NaN, never 0 and never an exception.

    estimate         a number with its interval and n: what the others give
    proportions      shares: exact, Wilson, `Rate`; the difference of two groups
    paired           the same cases judged twice: McNemar, difference of shares, difference of means
    means, medians   averages with intervals, of values or of counted values
    kappa, alpha, intraclass, bland_altman      agreement of two readers and of many
    audit_bound      errors left in a population after a sample was read again
    bootstrap        percentile intervals; redraws of whole groups (patients)
    discrimination   ranks and AUROC
    calibration      how good probabilities are: calibration error, Brier score, reliability by bin
    isotonic, platt  scores and probabilities put right on labels; Venn-Abers
    p_values         permuted labels, correction for how many were asked
    separability     a cross-validated discriminant: can these numbers tell the classes?
    distributions    quantiles that the intervals need

What the desk uses needs nothing but the standard library and numpy. A measure that only an evaluation uses
may take scipy or scikit-learn (the extra `train`), imported inside its functions.
"""
