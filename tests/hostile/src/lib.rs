//! Somebody tries: hostile plug-ins against the running program. The tests are in `tests/`.
