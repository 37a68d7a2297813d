# chatnode as one binary. This file has not been built yet: the machine it was written on has no Docker
# engine, and `deno compile` has to download its runtime (denort) from Deno's site. What it runs is
# tested by `deno task compile`.

FROM debian:12-slim AS build
ARG DENO_VERSION=2.9.6
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates nodejs npm \
  && rm -rf /var/lib/apt/lists/* \
  && npm install --global "deno@${DENO_VERSION}"
WORKDIR /src
# The dependencies first: they change less often than the source.
COPY deno.json deno.lock ./
RUN deno ci
COPY . .
# The permissions are those of tests/compile/compile.ts.
RUN deno task build \
  && deno compile --frozen --bundle --no-check \
    --allow-net --allow-read --allow-write --allow-env --allow-sys \
    --unstable-kv --unstable-net --v8-flags=--initial-old-space-size=256,--no-parallel-scavenge --include web/dist --output /chatnode main.ts

FROM debian:12-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /var/lib/chatnode --create-home chatnode
COPY --from=build /chatnode /usr/local/bin/chatnode
USER chatnode
ENV HOST=0.0.0.0 PORT=8080 DATA_DIR=/var/lib/chatnode
# The journal, the keys and the configuration: what a node must find again after a restart.
VOLUME /var/lib/chatnode
EXPOSE 8080
# A node closes its sockets in order and then ends; give it the time before it is killed.
STOPSIGNAL SIGTERM
# No HEALTHCHECK: the image has no client to ask GET /readyz with, and the binary has none yet.
ENTRYPOINT ["/usr/local/bin/chatnode"]
