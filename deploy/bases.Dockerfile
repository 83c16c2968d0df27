# Never built: the base images of the Dockerfiles, where Dependabot finds them, since it reads no ARG. A test compares them.
FROM python:3.13-slim-bookworm
FROM node:22-bookworm-slim
FROM nginx:1.28-bookworm
