"""The estimators: numbers in, frozen records out; numpy and scipy only (and statsmodels for the second engine).

moments               each study's sums of squares and products: all a linear fit needs
criterion             the deviance of a linear mixed model as a function of its variance ratios
variance_search       where it is least
degrees_of_freedom    Satterthwaite, Kenward-Roger
profile               profile-likelihood limits
linear_mixed          treatment_effect, coefficient: the models of improvement
logistic_likelihood   adaptive quadrature, many datasets at once
absolute_risk         standardized risks, their bootstrap, number needed to treat
logistic_mixed        treatment_effect: the model of response and remission
two_stage             study_differences, pool
second_engine         check: the same linear fit by statsmodels
streams               random numbers by name
"""
