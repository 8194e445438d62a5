# Everything a person types. Each target installs what it misses (scripts/setup says how).

.PHONY: demo test bench fuzz kill soak mutants check providers

# Portico with the emulated clouds on http://localhost:5000: sign in with no account anywhere.
demo:
	@scripts/setup
	@scripts/demo

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

# 200 kills while Portico's store writes and 200 while it opens; PORTICO_KILLS=1000 for more.
kill:
	@scripts/setup kill
	@scripts/kill

# 10,000 logins at once, 100 swaps of a plug-in under load, ten minutes at half of what the machine
# can do (SOAK_SECONDS=60 for one), and others' reads of sessions beside attacks.
soak:
	@scripts/setup soak
	@scripts/soak

# Removes the checks that tests/removals names, and changes every other place of the checks that
# decide who gets in: each time a test must fail. An hour.
mutants:
	@scripts/setup mutants
	@scripts/removals
	@scripts/mutants

# What a commit should pass: format and lints.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings
