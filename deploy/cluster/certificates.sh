#!/bin/sh
# An authority of the cluster's own, and a certificate for each machine: sh certificates.sh FOLDER db1=10.22.0.11 …
# (all addresses that the machine speaks from: db1=10.22.0.11,10.23.0.11).
# etcd, Patroni and PostgreSQL show it to each other; who has none of this authority's is no part of the cluster.
# `ca.key` signs new ones: keep it in the safe, not on a machine of the cluster. Called again, it makes what is missing.
set -eu
umask 077
cd "$1" && shift
[ -e ca.key ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj "/CN=Cau Noi cluster" -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt
for machine in "$@"; do
    name=${machine%%=*} addresses=IP:$(printf %s "${machine#*=}" | sed 's/,/,IP:/g')
    [ -e "$name.key" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1825 \
        -subj "/CN=$name" -addext "subjectAltName=$addresses,DNS:$name" -addext basicConstraints=CA:FALSE \
        -addext keyUsage=digitalSignature -addext extendedKeyUsage=serverAuth,clientAuth \
        -addext authorityKeyIdentifier=keyid -CA ca.crt -CAkey ca.key -keyout "$name.key" -out "$name.crt"
done
