#!/usr/bin/env bash
# Executes the notebooks in Deno's Jupyter kernel and compares what they say with what is saved in them. `--save` saves the new
# outputs instead. Needs a built checkout. Deno comes from the npm registry, by notebooks/package-lock.json; nbconvert from Debian.
set -euo pipefail
cd "$(dirname "$0")/.."

python=/usr/bin/python3 # Debian's, which sees Debian's packages, whichever python3 is first in the path
if ! "$python" -c 'import nbconvert' 2> /dev/null; then
  if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then
    echo "run-notebooks: skipped: $python has no nbconvert; install Debian's package jupyter-nbconvert" >&2
    exit 0
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends jupyter-nbconvert > /dev/null
fi
npm ci --prefix notebooks --ignore-scripts --no-audit --no-fund > /dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The kernel is the one in notebooks/kernels; nothing is registered in the home, and nothing is written there.
export PATH=$PWD/notebooks/node_modules/.bin:$PATH JUPYTER_PATH=$PWD/notebooks DENO_DIR=$work/deno HOME=$work
export DENO_NO_UPDATE_CHECK=1

for notebook in notebooks/*.ipynb; do
  executed=$work/$(basename "$notebook")
  timeout 900 "$python" scripts/notebooks/execute.py "$notebook" "$executed"
  if [ "${1:-}" = --save ]; then cp "$executed" "$notebook"; else node scripts/notebooks/compare.js "$notebook" "$executed"; fi
done
