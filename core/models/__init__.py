"""The estimators: numbers in, frozen records out; numpy and scipy only (and statsmodels for the second engine).

estimate              one estimate as one record: value, error, df, interval, scale
moments               each study's sums of squares and products: all a linear fit needs
criterion             the deviance of a linear mixed model as a function of its variance ratios
derivatives           its slopes and curvature
variance_search       where it is least
estimability          why a model cannot be fitted, in words
degrees_of_freedom    Satterthwaite, Kenward-Roger, for t and F
profile               profile-likelihood limits of a coefficient
variance_limits       the same of a variance
linear_mixed          treatment_effect, coefficient, fit, effect_of, joint_test: the models of improvement
study_effects         what a fit says of single studies: conditional effects, predictions, residuals
refits                the same model on many resamples or responses at once
residual_by_study     the model with a residual variance for each study
logistic_likelihood   adaptive quadrature, many datasets at once
logistic_limits       profile-likelihood limits of a log odds ratio
percentiles           limits of resampled estimates
absolute_risk         standardized risks, their bootstrap, number needed to treat
logistic_mixed        treatment_effect: the model of response and remission
two_stage             study_differences, pool, leave_one_out
heterogeneity         intervals of tau2 and I2
small_studies         Egger's test
second_engine         check: the same linear fit by statsmodels
streams               random numbers by name
"""
