# The app as an image: on a server, on Fargate, in Lambda. docs/RUNNING.md says how.
#
#   docker build --target app -t tidewire .
#
# No line knows the processor: linux/amd64 and linux/arm64 are built alike (docker build --platform …).

ARG RUST_IMAGE=rust:1.95-slim-bookworm
ARG NODE_IMAGE=node:22-bookworm-slim
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${NODE_IMAGE} AS node

FROM ${RUST_IMAGE} AS rust
# jemalloc is built by make.
RUN apt-get update \
    && apt-get install -y --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*

# The version that tests/cloud-path runs, after the lock file in its crate.
FROM rust AS adapter
RUN cargo install --locked --root /adapter --bin lambda-adapter lambda_web_adapter@1.0.0-rc1

FROM rust AS build
# The build of the app calls npm for the web UI.
COPY --from=node /usr/local/bin/ /usr/local/bin/
COPY --from=node /usr/local/lib/node_modules/ /usr/local/lib/node_modules/
WORKDIR /tidewire
COPY . .
RUN BUILD_UI=require cargo build --release --locked -p tidewire

FROM ${BASE_IMAGE} AS app
# TLS to models is verified against the roots of the system, and the base has none.
COPY --from=rust /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# Lambda starts what is in this folder. Nothing else does, so elsewhere the adapter only lies there.
COPY --from=adapter /adapter/bin/lambda-adapter /opt/extensions/lambda-adapter
COPY --from=build /tidewire/target/release/tidewire /usr/local/bin/tidewire
RUN install -d -o 65532 -g 65532 -m 700 /var/lib/tidewire
# In Lambda only /tmp can be written: set TIDEWIRE_DATA_DIR=/tmp/tidewire there.
# The AWS_LWA_ variables are the adapter's. They also tell the app that it is to listen for HTTP
# where Lambda's Runtime API is there as well (server.front).
ENV TIDEWIRE_DATA_DIR=/var/lib/tidewire \
    TIDEWIRE_SERVER__HOST=0.0.0.0 \
    PORT=8080 \
    AWS_LWA_READINESS_CHECK_PATH=/readyz \
    AWS_LWA_INVOKE_MODE=response_stream \
    AWS_LWA_ASYNC_INIT=true
EXPOSE 8080
# A number, so that an orchestrator can see that it is not root. Lambda runs it as a user of its own.
USER 65532:65532
# No HEALTHCHECK: there is no HTTP client in here, and Lambda, ECS and Kubernetes do not read it.
# Ask /readyz from outside.
ENTRYPOINT ["/usr/local/bin/tidewire"]
