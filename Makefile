# Everything a person types. Each target installs what it misses (scripts/setup says how).

.PHONY: demo test bench check

# Portico with the emulated clouds on http://localhost:5000: sign in with no account anywhere.
demo:
	@scripts/setup
	@cargo build --quiet --package portico-demo
	@exec cargo run --quiet --package portico-demo

# Every test there is, and a summary.
test:
	@scripts/setup test
	@scripts/test

# Speed and memory, as ratios measured in one run.
bench:
	@scripts/setup bench
	@scripts/bench

# What a commit should pass: format and lints.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings
