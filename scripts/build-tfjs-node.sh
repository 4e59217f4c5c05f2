#!/usr/bin/env bash
# Builds @tensorflow/tfjs-node in node_modules from packages of the npm and PyPI registries, for Linux x86-64, where its own
# download of TensorFlow fails. Development only; `npm ci` takes it away again. Needs g++, make, python3 with pip, and Node's
# headers. The native addon is compiled from the package's sources; libtensorflow and its headers come out of a wheel of
# tensorflow-cpu: 2.12 is the first that holds libtensorflow_cc.
set -euo pipefail
cd "$(dirname "$0")/.."

tensorflow=2.12.1
wheel_python=3.11 # the tag of the wheel that is unpacked; this machine may run another
version=$(node -p 'require("./package.json").peerDependencies["@tensorflow/tfjs-node"].slice(1)')
package=node_modules/@tensorflow/tfjs-node

# An optional peer, so not there after `npm ci`; and npm installs no optional peer by name, so that it is none meanwhile. Without
# its install script, which downloads; the manifest and the lock file stay as they are.
if [ ! -f "$package/package.json" ]; then
  manifest=$(mktemp)
  cp package.json "$manifest"
  trap 'cp "$manifest" package.json' EXIT
  npm pkg delete peerDependencies peerDependenciesMeta
  npm install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund "@tensorflow/tfjs-node@$version"
  cp "$manifest" package.json
  trap - EXIT
fi

# The headers of the Node that runs; NODE_DIR names another prefix.
node_dir=${NODE_DIR:-$(node -p 'require("node:path").resolve(process.execPath, "../..")')}
if [ ! -f "$node_dir/include/node/node_api.h" ]; then
  echo "no $node_dir/include/node/node_api.h: set NODE_DIR to a prefix that holds Node's headers" >&2
  exit 1
fi

if [ ! -e "$package/deps/lib/libtensorflow.so" ]; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --python-version "$wheel_python" --implementation cp \
    --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 \
    --dest "$scratch" "tensorflow-cpu==$tensorflow"
  python3 scripts/unpack-libtensorflow.py "$scratch"/*.whl "$scratch/deps"
  # The package's build links these names.
  ln -s libtensorflow_cc.so.2 "$scratch/deps/lib/libtensorflow.so"
  ln -s libtensorflow_framework.so.2 "$scratch/deps/lib/libtensorflow_framework.so"
  rm -rf "$package/deps"
  mv "$scratch/deps" "$package/deps"
fi

(cd "$package" && JOBS=1 npm_config_nodedir="$node_dir" npm run build-addon-from-source)

# The sum of a convolution's gradient on 4 x 4 ones: how many windows read each pixel.
TF_CPP_MIN_LOG_LEVEL=2 node -e '
const tf = require("@tensorflow/tfjs-node");
const gradient = tf.grad((x) => tf.conv2d(x, tf.ones([3, 3, 1, 1]), 1, "same"))(tf.ones([1, 4, 4, 1]));
const sum = tf.sum(gradient).dataSync()[0];
if (tf.getBackend() !== "tensorflow" || sum !== 100) throw new Error(`${tf.getBackend()} gives ${sum}, not 100`);
console.log(`tfjs-node ${tf.version["tfjs-node"]} on TensorFlow ${tf.backend().binding.TF_Version}`);'
