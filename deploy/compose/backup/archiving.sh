#!/bin/sh
# The server with its WAL archived: each segment when it is full, and every minute at the latest.
set -eu
exec docker-entrypoint.sh "$@" \
  -c archive_mode=on \
  -c archive_command='pgbackrest --stanza=pulser archive-push %p' \
  -c archive_timeout=60 \
  -c unix_socket_directories=/var/run/postgresql,/var/lib/postgresql
