# Everything a person types. Each target installs what it misses (scripts/setup says how).

.PHONY: demo test bench fuzz check providers

# Portico with the emulated clouds on http://localhost:5000: sign in with no account anywhere.
demo:
	@scripts/setup
	@scripts/providers
	@cargo build --quiet --package portico-demo
	@exec cargo run --quiet --package portico-demo

# The plug-ins, as WASM components in target/providers.
providers:
	@scripts/setup providers
	@scripts/providers

# Every test there is, and a summary.
test:
	@scripts/setup test
	@scripts/test

# Speed and memory, as ratios measured in one run.
bench:
	@scripts/setup bench
	@scripts/bench

# Ten minutes of made-up bytes for everything that reads bytes from outside; FUZZ_SECONDS=60 for one.
fuzz:
	@scripts/setup fuzz
	@scripts/fuzz

# What a commit should pass: format and lints.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings
