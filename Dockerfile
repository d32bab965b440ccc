# Dependencies are a separate layer, because they change less often than the program.
# With optional extras: docker build --build-arg EXTRAS="parquet otel" .
# The base image by digest, so that every build uses the same one: --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:…
# docs/containers.md says how to find and renew the digest.
ARG PYTHON_IMAGE=python:3.13-slim
FROM ${PYTHON_IMAGE} AS dependencies
RUN apt-get update && apt-get install --yes --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
WORKDIR /build
RUN python -m venv --without-pip /venv
COPY requirements.lock requirements-dev.lock pyproject.toml deploy/image/pick.py ./
ARG EXTRAS=""
RUN python pick.py ${EXTRAS} > extras.lock \
 && pip --python /venv/bin/python install --disable-pip-version-check --no-cache-dir --no-compile --only-binary :all: \
    --require-hashes -r requirements.lock -r extras.lock
# Debug symbols and the packages' tests are half of the installed size and are not needed. The bytecode is worth its size:
# on a read-only filesystem, each start would compile everything again.
RUN find /venv -type d \( -name tests -o -name test \) -prune -exec rm -r {} + \
 && find /venv -type f \( -name '*.so' -o -name '*.so.[0-9]*' \) -exec strip --strip-unneeded {} + \
 && find /venv -type f \( -name '*.py[xid]' -o -name '*.pxd' -o -name '*.[ch]' \) -delete \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv

FROM dependencies AS program
RUN python pick.py build > build.lock \
 && pip install --disable-pip-version-check --no-cache-dir --root-user-action ignore --require-hashes -r build.lock
COPY README.md LICENSE ./
COPY app ./app
RUN pip wheel --disable-pip-version-check --no-cache-dir --no-build-isolation --no-deps --wheel-dir dist . \
 && pip --python /venv/bin/python install --disable-pip-version-check --no-cache-dir --no-deps --no-compile \
    --target /app dist/*.whl
COPY migrations /app/migrations
COPY deploy/image/healthy.py /app/bin/
COPY --chmod=755 deploy/image/callkeeper.py /app/bin/callkeeper
RUN python -m compileall -q --invalidation-mode unchecked-hash /app

FROM ${PYTHON_IMAGE}
ARG VERSION=0.1.0 REVISION="" CREATED=""
LABEL org.opencontainers.image.title="Callkeeper" \
      org.opencontainers.image.description="Archives every Microsoft Teams call record of an organisation" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
RUN groupadd --gid 10001 callkeeper \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin callkeeper \
 && install -d -o 10001 -g 10001 /data
COPY --from=dependencies /venv /venv
COPY --from=program /app /app
ENV PATH=/venv/bin:/app/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    LOG_FORMAT=json
WORKDIR /data
USER 10001:10001
EXPOSE 8000 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --start-interval=1s CMD ["python", "-I", "/app/bin/healthy.py"]
ENTRYPOINT ["callkeeper"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
