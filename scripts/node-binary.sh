#!/usr/bin/env bash
# Gets another Node out of the npm registry and prints the path of its binary: `scripts/node-binary.sh 24 FOLDER`. It lies in that
# folder alone; nothing of it is installed beside this Node.
set -euo pipefail
version=$1
folder=$2
package=node-$(node -p 'process.platform + "-" + process.arch')
npm install --silent --ignore-scripts --no-audit --no-fund --prefix "$folder" "$package@$version" >&2
echo "$folder/node_modules/$package/bin/node"
