"""Whether a model deserves to be used: tidy tables of what a backtest measured, the gates, and what they rest on."""
