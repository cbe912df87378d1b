#!/usr/bin/env bash
# Installs what a Debian 12 machine with the Swift toolchain lacks to build, run and test Palimpsest.
set -euo pipefail

packages=(
    chromium        # the browser that the tests of the pages drive
    chromium-driver
    fonts-dejavu-core
    libcmark-dev    # descriptions in Markdown
    libcurl4-openssl-dev # requests of an agent to its server
    libjansson-dev  # JSON
    libmagic1       # the worker library recognises files by their first bytes
    libpq-dev       # PostgreSQL's client library
    libsodium-dev   # password hashes, signatures
    libsqlite3-dev  # exports
    libssl-dev      # OpenSSL: digests of files
    libvips-dev     # reads and renders images
    libyaml-dev     # worker configuration files, as PyYAML reads them
    make
    pgbouncer       # the tests of pooled connections
    pkg-config      # tells SwiftPM where these libraries are
    postgresql      # only its programs: the server makes a cluster of its own
    poppler-utils   # the demo's pages out of PDFs
    python3-venv    # virtual environments for the clients
    tesseract-ocr   # reads the demo's pages, as English
    tesseract-ocr-eng
    tesseract-ocr-fra
)

if ! command -v swift >/dev/null; then
    echo "Swift 6.2 or later is needed: https://www.swift.org/install/linux/" >&2
    exit 1
fi
if ! command -v dpkg-query >/dev/null; then
    echo "This is not Debian: nothing was installed. Its names for what is needed: ${packages[*]}" >&2
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
if [ "${#missing[@]}" -eq 0 ]; then
    exit 0
fi

echo "Installing ${missing[*]}"
as_root=(env)
[ "$(id --user)" -eq 0 ] || as_root=(sudo env)
"${as_root[@]}" apt-get update
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
