# Ostinato with everything that it needs. The base must have glibc (Temporal's core and ONNX Runtime are built for it)
# and Node 20 or newer with npm; where its Node is older than 24, the bootstrap brings that.
ARG BASE_IMAGE=node:24.11.1-bookworm-slim
FROM ${BASE_IMAGE}

# Hands signals on and buries orphans. Bases that have it need no package source at build time.
RUN command -v tini > /dev/null || \
    (apt-get update && apt-get install --yes --no-install-recommends tini ca-certificates && rm -rf /var/lib/apt/lists/*)

ENV XDG_CACHE_HOME=/opt/cache \
    NODE_ENV=production \
    npm_config_update_notifier=false

# Who the program runs as; the files of the hotkeys that are mounted must be readable for it.
ARG USER_ID=10001
WORKDIR /opt/ostinato
COPY . .
# Installs as `npm start` does on a fresh checkout. Development packages come along: the bootstrap takes an incomplete
# node_modules for a broken one.
RUN NODE_ENV=development node bin/ostinato.mjs --help > /dev/null && npm cache clean --force > /dev/null 2>&1 && \
    useradd --uid "$USER_ID" --non-unique --user-group --create-home ostinato && \
    mkdir -p /data && chown ostinato:ostinato /data && chmod -R a+rX /opt

USER ostinato
# Relative paths, `checkpoints/` and `.ostinato/` among them, start here.
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM

# Exec form, so that SIGTERM arrives at the program and not at a shell.
ENTRYPOINT ["tini", "--", "node", "/opt/ostinato/bin/ostinato.mjs"]
CMD ["--help"]
