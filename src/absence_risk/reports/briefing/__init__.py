"""The report on a backtest: words first, then figures, each with a line that says how to read it."""
