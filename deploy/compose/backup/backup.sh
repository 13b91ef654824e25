#!/bin/sh
# A backup a day, a full one on Sundays; `once` makes one and ends.
set -eu
pgbackrest --stanza=pulser stanza-create
while :; do
  type=diff
  if [ "$(date +%u)" = 7 ]; then type=full; fi
  pgbackrest --stanza=pulser --type="$type" backup
  if [ "${1:-}" = once ]; then exit 0; fi
  sleep 86400
done
