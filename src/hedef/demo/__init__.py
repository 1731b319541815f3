"""Poyraz Instruments: one invented company with known answers, for `hedef demo`, tests and docs alike."""
