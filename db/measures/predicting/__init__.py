"""How good predictions are: every measure over all resamples of the patients at once.

A measure is a function of weights, shape (resamples, n) -> values, shape (resamples,). With a row of ones it
is the measure itself; with how often each record was redrawn, its bootstrap. So what two methods say about
the same resamples can be subtracted.

    redraws          patients redrawn; draws of a measure, their interval, paired differences
    regression       errors of a number: MAE, RMSE, R2, r, bias, calibration line
    ranking          AUROC and average precision with weights
    delong           AUROC with DeLong's interval; the difference of two on the same cases
    rates            confusion, sensitivity, specificity, predictive values, F1; at another prevalence
    logistic         logistic lines fitted to all resamples at once
    probabilities    Brier skill, calibration line, in the large, ICI
    net_benefit      decision curves
    conformal        intervals and sets that hold a chosen share of new cases
    thresholds       where to cut, for a sensitivity or a share of misses that is to hold
"""
