# Muster in a container: built from the hashed requirements, runs as a plain user, writes to /data only.
# docker build -t muster . && docker run -p 127.0.0.1:3000:3000 -v muster-data:/data muster
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
# Requirements first: they change less often than the code, and this layer is the large one.
COPY requirements/base.txt requirements/node.txt requirements/
RUN python -m venv /opt/muster \
 && /opt/muster/bin/pip install --require-hashes --no-deps -r requirements/base.txt
# Node builds Studio and stays behind in this stage: it goes into an environment of its own.
RUN python -m venv /opt/node && /opt/node/bin/pip install --require-hashes --no-deps -r requirements/node.txt
COPY pyproject.toml hatch_build.py openapi.json README.md LICENSE ./
COPY studio studio
COPY src src
RUN PYTHONPATH="$(/opt/node/bin/python -c 'import site; print(site.getsitepackages()[0])')" \
    /opt/muster/bin/pip install --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN groupadd --system --gid 10001 muster \
 && useradd --system --uid 10001 --gid muster --home-dir /data --no-create-home --shell /usr/sbin/nologin muster \
 && install --directory --owner=muster --group=muster --mode=0700 /data
COPY --from=build /opt/muster /opt/muster
# Byte code was compiled by pip above, so a read-only root costs nothing at start.
ENV PATH=/opt/muster/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MUSTER_DATA_DIR=/data \
    MUSTER_HOST=0.0.0.0 \
    MUSTER_PORT=3000
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['MUSTER_PORT'] + '/api/health/ready', timeout=3)"]
ENTRYPOINT ["muster"]
CMD ["serve"]
