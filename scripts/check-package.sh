#!/usr/bin/env bash
# What others install: the packed package in an empty project, without any install script. Its command runs the demo, its
# library is imported and type-checked, on this Node and on those that are named: `scripts/check-package.sh 22 24`.
set -euo pipefail
cd "$(dirname "$0")/.."
checkout=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

npm run --silent build
npx publint --strict
npm pack --silent --pack-destination "$scratch" >/dev/null

mkdir "$scratch/project"
cd "$scratch/project"
npm init --yes >/dev/null
npm pkg set type=module >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund "$scratch"/erfit-*.tgz
cp "$checkout/test/package/uses-library.ts" .

# Without types of Node in the project: what the package's types need comes with it.
"$checkout/node_modules/.bin/tsc" --strict --noEmit --target es2024 --module nodenext uses-library.ts
echo "types: ok"

for version in "" "$@"; do
  node=node
  if [ -n "$version" ]; then
    node=$(bash "$checkout/scripts/node-binary.sh" "$version" "$scratch/node-$version")
  fi
  "$node" node_modules/erfit/bin/erfit.js demo --out "demo$version" >"demo$version.txt" 2>&1 || {
    cat "demo$version.txt" >&2
    exit 1
  }
  test -s "demo$version/erf.png"
  cmp "demo/erf.npy" "demo$version/erf.npy"
  "$checkout/node_modules/.bin/esbuild" --log-level=error --format=esm uses-library.ts --outfile="uses-library.mjs"
  "$node" uses-library.mjs
  echo "$("$node" --version): the demo, with the same bits; the library"
done
