# Ostinato with everything that it needs. The base must have glibc (Temporal's core and ONNX Runtime are built for it)
# and Node 20 or newer with npm; where its Node is older than 24, the bootstrap brings that. docs/docker.md has more.
ARG BASE_IMAGE=node:24.11.1-bookworm-slim
FROM ${BASE_IMAGE}

# Hands signals on and buries orphans. Bases that have it need no package source at build time.
RUN command -v tini > /dev/null || \
    (apt-get update && apt-get install --yes --no-install-recommends tini ca-certificates && rm -rf /var/lib/apt/lists/*)

WORKDIR /opt/ostinato
# Node 24 and the dependencies come before the sources, so that a change of those installs nothing anew.
COPY bin/node24.mjs bin/
RUN node24="$(XDG_CACHE_HOME=/opt/cache node --input-type=module --eval \
      'import { findNode24 } from "/opt/ostinato/bin/node24.mjs"; console.log(await findNode24());')" && \
    { [ "$node24" = "$(node --print process.execPath)" ] || ln -sf "$node24" /usr/local/bin/node; }
# As bin/install.ts does it. Development packages come along: the bootstrap takes an incomplete node_modules for a
# broken one.
COPY package.json package-lock.json ./
RUN NODE_ENV=development npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && \
    npm cache clean --force > /dev/null 2>&1

# Who the program runs as; the files of the hotkeys that are mounted must be readable for it.
ARG USER_ID=10001
# Without its compiled modules, each of the dozen processes of a first start would compile all packages for itself. They
# lie in the volume, since Node adds to them there: the engine copies what the image has into a new one.
COPY bin/quick-modules.mjs bin/
RUN useradd --uid "$USER_ID" --non-unique --user-group --no-create-home --home-dir /data ostinato && \
    NODE_COMPILE_CACHE=/data/cache/ostinato/compiled node --import ./bin/quick-modules.mjs --input-type=module --eval \
      'for (const name of ["@polkadot/api", "@polkadot/keyring", "@temporalio/client", "@temporalio/envconfig", \
        "@temporalio/worker", "better-sqlite3", "fastify", "kysely", "onnxruntime-node", "pino", "zod"]) \
         await import(name);' && \
    chown -R ostinato:ostinato /data

COPY . .
# The bootstrap looks at what was installed and notes that it is whole; at run time it could not write there. Sources
# may come from a checkout that only its owner can read. The workflows are bundled here, once for all containers.
RUN export XDG_CACHE_HOME=/data/cache && node bin/ostinato.mjs --help > /dev/null && \
    node --disable-warning=ExperimentalWarning --input-type=module --eval \
      'import { workflowBundle } from "/opt/ostinato/workers/bundle.ts"; await workflowBundle();' && \
    find /data ! -user ostinato -exec chown ostinato:ostinato {} + && \
    find . -path ./node_modules -prune -o \( ! -perm -o+r -o -type d ! -perm -o+x \) -exec chmod a+rX {} +

# The cache lies where the program may write, in a read-only container too: it keeps the workflow bundle, compiled
# modules and, for the demo, the Temporal CLI.
ENV XDG_CACHE_HOME=/data/cache \
    NODE_ENV=production \
    npm_config_update_notifier=false

USER ostinato
# Relative paths, `checkpoints/` and `.ostinato/` among them, start here.
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM

# Exec form, so that SIGTERM arrives at the program and not at a shell.
ENTRYPOINT ["tini", "--", "node", "/opt/ostinato/bin/ostinato.mjs"]
CMD ["--help"]
