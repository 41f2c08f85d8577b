# syntax=docker/dockerfile:1
# SPDX-License-Identifier: Apache-2.0

# Bytecode is the same everywhere, so it is built on the builder's own architecture.
FROM --platform=$BUILDPLATFORM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY pom.xml ./
COPY bin bin
COPY src/main src/main
COPY routes routes
RUN --mount=type=cache,target=/root/.m2 mvn -B -q package -Dmaven.test.skip=true -Dspotless.check.skip=true -Dpackages.skip=true \
    && rm -f target/ovos-gateway/ovos-gateway.jsa

FROM eclipse-temurin:25-jre
COPY --from=build /build/target/ovos-gateway /opt/ovos-gateway
# served as long as the working directory has no routes
COPY routes /opt/ovos-gateway/routes
WORKDIR /etc/ovos-gateway
COPY application.yaml ./
# Recorded where it is used: the archive is good for this Java and this place only.
RUN /opt/ovos-gateway/bin/ovos-gateway archive >/tmp/archive.log 2>&1 || { cat /tmp/archive.log; exit 1; }; \
    rm -rf /tmp/* state \
    && install -d -o 10001 -g 10001 -m 700 /var/lib/ovos-gateway
ENV STATE_DIRECTORY=/var/lib/ovos-gateway
VOLUME /var/lib/ovos-gateway
USER 10001:10001
EXPOSE 8000
# The gateway writes there where its health is served, wherever that is set. The image has no curl; bash opens the connection.
ENV OVOS_MANAGEMENT_ADDRESSFILE=/tmp/ovos-gateway.management
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "read -r host port <\"$OVOS_MANAGEMENT_ADDRESSFILE\" && exec 3<>\"/dev/tcp/$host/$port\" && printf 'GET /health/live HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["/opt/ovos-gateway/bin/ovos-gateway"]
