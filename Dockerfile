# Everything in one container, for one machine at home or in a shop: the backend's image with the frontend's web app in it.
# Both are built first (deploy/images.sh build): docker build --build-arg BACKEND_IMAGE=… --build-arg FRONTEND_IMAGE=… .
ARG BACKEND_IMAGE=daka-backend:latest
ARG FRONTEND_IMAGE=daka-frontend:latest

FROM ${FRONTEND_IMAGE} AS web

FROM ${BACKEND_IMAGE}
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=
LABEL org.opencontainers.image.title="Daka" \
      org.opencontainers.image.description="Reminds people to clock in and out on DingTalk: everything in one container" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --chmod=0755 deploy/entrypoint.sh /usr/local/sbin/daka
COPY --from=web /usr/share/nginx/html /opt/daka/web
ENV PATH=/usr/local/sbin:$PATH \
    PORT=8080 \
    WEB_DIR=/opt/daka/web
# The script takes a folder that root made over and then gives root up for good, also under docker exec.
# hadolint ignore=DL3002
USER 0:0
EXPOSE 8080
