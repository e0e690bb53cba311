# syntax=docker/dockerfile:1

FROM rust:1.95-bookworm AS builder
WORKDIR /src
# The toolchain of this image. Otherwise rustup would fetch what rust-toolchain.toml asks for, lints included.
ENV RUSTUP_TOOLCHAIN=$RUST_VERSION
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked -p consent-api --bin consentd \
    && install -D target/dist/consentd /out/consentd

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="consentd" \
      org.opencontainers.image.description="Consent and SMS opt-out ledger" \
      org.opencontainers.image.vendor="INFI USA, Inc." \
      org.opencontainers.image.licenses="Apache-2.0"

# Certificate authorities, for TLS to a remote database and to the receivers of webhooks.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 consent \
    && useradd --uid 10001 --gid consent --home-dir /var/lib/consent --no-create-home --shell /usr/sbin/nologin consent \
    && install -d -o consent -g consent -m 0700 /var/lib/consent

# What differs from the defaults in every container; mount a file of your own over it.
COPY <<EOT /etc/consent/consentd.toml
[server]
listen = "0.0.0.0:8080"
ops_listen = "0.0.0.0:9090"
[database]
url = "sqlite:/var/lib/consent/ledger.db"
[keys]
directory = "/var/lib/consent/keys"
[ledger]
anchor = "/var/lib/consent/checkpoint"
[spool]
directory = "/var/lib/consent/spool"
EOT
COPY LICENSE NOTICE /usr/share/doc/consentd/
COPY --from=builder /out/consentd /usr/local/bin/consentd

USER 10001:10001
# Keys, spool, checkpoints and, with SQLite, the ledger. Nothing else of the file system is written, so the container
# may run with a read-only root.
WORKDIR /var/lib/consent
VOLUME /var/lib/consent
EXPOSE 8080 9090
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["consentd", "doctor", "--config", "/etc/consent/consentd.toml", "--json"]
ENTRYPOINT ["consentd"]
CMD ["serve", "--config", "/etc/consent/consentd.toml"]
