# Everything here is one line that you could type yourself.

# Every check, on SQLite and PostgreSQL
test *args:
    scripts/test {{ args }}

# A server with the default configuration on 127.0.0.1:8080
run:
    cargo run --release -p consent-api --bin consentd -- serve

# A server with sample gateways and people
demo:
    cargo run --release -p consent-api --bin consentd -- demo

# Format all code
fmt:
    cargo fmt --all

# Lints, as the checks demand them
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Rewrite openapi.yaml from the handlers
openapi:
    cargo run -p consent-api --bin consentd -- openapi > openapi.yaml

# Licences, banned crates, sources and advisories of the dependencies
deny:
    cargo deny check

# The service beside floors and peers: `all` or a part
bench *args:
    cargo run --release -p bench -- {{ args }}

# What is shipped, in target/dist
dist:
    cargo build --profile dist --locked -p consent-api --bin consentd
