# syntax=docker/dockerfile:1
# halcyon, and nothing but what it needs to run.
#
#   docker build -t halcyon .
#   docker run -v ./halcyon.yaml:/etc/halcyon/halcyon.yaml:ro -v halcyon-state:/var/lib/halcyon halcyon

FROM debian:12-slim AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates clang-19 lld-19 cmake ninja-build pkg-config \
        libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libmongoc-dev libsimdjson-dev \
        librocksdb-dev libspdlog-dev libfmt-dev libyaml-cpp-dev libcli11-dev libxxhash-dev libjemalloc-dev libjs-chart.js \
        prometheus-cpp-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY src src
COPY conf conf
RUN cmake --preset release -DHALCYON_TESTS=OFF \
    && ninja -C build/release halcyon \
    && install -D -s build/release/src/app/halcyon /out/usr/bin/halcyon \
    && install -D -m 644 conf/halcyon.yaml /out/usr/share/doc/halcyon/halcyon.yaml

FROM debian:12-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates libboost-container1.81.0 libboost-json1.81.0 libboost-url1.81.0 libfmt9 libjemalloc2 libmongoc-1.0-0 libprometheus-cpp-core1.0 \
        librocksdb7.8 libsimdjson14 libspdlog1.10 libssl3 libxxhash0 libyaml-cpp0.7 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --no-create-home --uid 10001 --user-group --home-dir /var/lib/halcyon --shell /usr/sbin/nologin halcyon \
    && install -d -o halcyon -g halcyon -m 700 /var/lib/halcyon \
    && install -d /etc/halcyon
COPY --from=build /out/ /
USER 10001:10001
WORKDIR /var/lib/halcyon
VOLUME /var/lib/halcyon
# SIGTERM stops in order: what is under way is finished under `pipeline.drain_timeout` (10s).
STOPSIGNAL SIGTERM
# The driver's counters stay out of /dev/shm, where a killed process would leave them.
ENV MONGOC_DISABLE_SHM=1
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["halcyon", "health"]
ENTRYPOINT ["halcyon"]
CMD ["run"]
