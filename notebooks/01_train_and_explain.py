# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Does a model find more pupils than the rule we use, and what does it go by?
#
# One question, on a **made-up authority**. Everything here runs the same way on your own returns: replace the first two
# cells by the folder of your returns and your key.

# %%
import os
import tempfile
from pathlib import Path

import absence_risk as ar

folder = Path(tempfile.mkdtemp(prefix="absence_risk_"))
pupils = int(os.environ.get("ABSENCE_RISK_NOTEBOOK_PUPILS", "6000"))
configs = Path(ar.__file__).parents[2] / "configs"

# %% [markdown]
# ## 1. Returns into a store
#
# The returns are School Census, CIN census, SSDA903 and AP census files. UPNs become keyed pseudonyms on the way in.

# %%
ar.simulate(folder / "returns", pupils=pupils)
ar.new_key(folder / "authority.key")
print(ar.ingest(folder / "returns", folder / "authority.duckdb", key_file=folder / "authority.key").in_words())

# %% [markdown]
# The store holds the canonical tables. Dates are day numbers (days since 1 January 1970); each row is one version of a
# fact, with the day from which the authority could know it.

# %%
with ar.Store(folder / "authority.duckdb") as store:
    print(store.table("suspensions").aggregate("category, count(*) AS events", "category").df())

# %% [markdown]
# ## 2. Train on earlier years, test on a later one
#
# Simple rules stand beside the model: same pupils, same length of list. The verdict comes first.

# %%
trained = ar.train(folder / "authority.duckdb", configs / "with_attendance.yaml")
print(trained.in_words())

# %% [markdown]
# Where every pupil went, year by year. The sums balance: nobody is dropped in silence.

# %%
trained.flow

# %% [markdown]
# ## 3. What does it go by?
#
# Contributions are path-dependent TreeSHAP on the calibrated log-odds scale: base plus contributions is the log-odds
# of the risk shown, pupil by pupil.

# %%
import numpy as np

explanation = ar.explain(folder / "authority.duckdb", trained.bundle, as_of="2026-10-31")
sizes = np.abs(explanation.values).mean(axis=0)
for place in np.argsort(-sizes)[:10]:
    print(f"{sizes[place]:6.3f}  {explanation.feature_names[place]}")

# %%
scored = ar.score(folder / "authority.duckdb", trained.bundle, as_of="2026-10-31")
added_up = explanation.base_values + explanation.values.sum(axis=1)
assert np.abs(added_up - scored.frame["log_odds"].to_numpy()).max() < 1e-9
first = scored.frame.sort_values("risk", ascending=False).iloc[0]
print("What moved one made-up pupil up:", *first["reasons_up"], sep="\n  ")
print("What moved the same pupil down:", *first["reasons_down"], sep="\n  ")

# %% [markdown]
# ## What you may and may not conclude
#
# - On this made-up authority the comparison above is what it is; it is **not evidence about real children**. On your own
#   returns the same cells answer the question for your authority, on a year the model has not seen.
# - Contributions say what the model's number is made of. They do not show why a child misses school.
# - If the best rule found as many, use the rule.
